// The strip above the timeline: the whole run, how much was going on in it, and what of it is shown.
import { Surface, theme } from './canvas.js';
import { h } from './dom.js';

export class Minimap {
  #density = null;
  #colours = theme();

  // `view` gives the interval shown, `move` and `zoom` change it.
  constructor(app, lanes, whole, { view, move, zoom }) {
    Object.assign(this, { lanes, whole, view });
    this.surface = new Surface({ 'aria-hidden': 'true' }, (...size) => this.#draw(...size));
    this.element = h('div', { class: 'map' }, this.surface.canvas);
    this.surface.follow(this.element);
    app.onTheme(() => { this.#colours = theme(); this.surface.soon(); });
    // Where it is clicked becomes the middle; dragging goes on.
    const jump = (event) => {
      const at = (event.clientX - this.element.getBoundingClientRect().left) / this.surface.width;
      const middle = whole.from + at * (whole.to - whole.from);
      const half = (view().to - view().from) / 2;
      move(middle - half, middle + half);
    };
    this.element.addEventListener('pointerdown', (event) => { this.element.setPointerCapture(event.pointerId); jump(event); });
    this.element.addEventListener('pointermove', (event) => { if (event.buttons & 1) jump(event); });
    this.element.addEventListener('wheel', (event) => { event.preventDefault(); zoom(0.5, Math.exp(event.deltaY * 0.0022)); }, { passive: false });
  }

  // How many threads were at work in each column of pixels.
  #count(width) {
    const density = new Float64Array(Math.ceil(width));
    const step = (this.whole.to - this.whole.from) / width;
    for (const lane of this.lanes.lanes) {
      const busy = new Float64Array(density.length);
      for (const row of lane.rows) {
        this.lanes.walk(row, this.whole.from, this.whole.to, step, (item, start, end, cover) => {
          const [first, last] = [Math.floor(start / step), Math.min(density.length - 1, Math.floor(end / step))];
          for (let x = first; x <= last; x++) {
            const part = (Math.min(end, (x + 1) * step) - Math.max(start, x * step)) / step;
            busy[x] = Math.min(1, Math.max(busy[x], part * cover));
          }
        });
      }
      busy.forEach((share, x) => { density[x] += share; });
    }
    return density;
  }

  #draw(context, width, height) {
    if (this.#density?.length !== Math.ceil(width)) this.#density = this.#count(width);
    const colours = this.#colours;
    const most = Math.max(1, this.lanes.lanes.length);
    context.fillStyle = colours.accent;
    context.globalAlpha = 0.45;
    this.#density.forEach((share, x) => {
      const tall = share === 0 ? 0 : Math.max(1.5, (share / most) * (height - 6));
      context.fillRect(x, height - tall, 1, tall);
    });
    const { whole } = this;
    const place = (time) => ((time - whole.from) / (whole.to - whole.from)) * width;
    const { from, to } = this.view();
    const [left, right] = [place(from), place(to)];
    context.globalAlpha = 0.55;
    context.fillStyle = colours.stripe;
    context.fillRect(0, 0, left, height);
    context.fillRect(right, 0, width - right, height);
    context.globalAlpha = 1;
    context.strokeStyle = colours.accent;
    context.lineWidth = 1.5;
    context.strokeRect(Math.max(0.75, left), 0.75, Math.max(2, right - left - 1.5), height - 1.5);
  }
}
