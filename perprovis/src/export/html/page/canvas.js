// A canvas as large as its place, sharp on every screen, drawn at most once a frame.

export class Surface {
  #queued = false;
  #draw;

  // `draw(context, width, height)` works in CSS pixels.
  constructor(attributes, draw) {
    this.#draw = draw;
    this.canvas = document.createElement('canvas');
    for (const [name, value] of Object.entries(attributes)) this.canvas.setAttribute(name, value);
    this.context = this.canvas.getContext('2d');
    this.width = 0;
    this.height = 0;
  }

  // Follows the size of `element`.
  follow(element, onresize) {
    new ResizeObserver(() => {
      const [width, height] = [element.clientWidth, element.clientHeight];
      if (width === this.width && height === this.height) return;
      this.width = width;
      this.height = height;
      if (width === 0 || height === 0) return; // not shown
      onresize?.();
      this.now();
    }).observe(element);
  }

  soon() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      this.now();
    });
  }

  now() {
    const { canvas, context, width, height } = this;
    if (width === 0 || height === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== across || canvas.height !== down) {
      canvas.width = across;
      canvas.height = down;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.direction = 'ltr';
    context.clearRect(0, 0, width, height);
    this.#draw(context, width, height);
  }
}

// The colours of the theme that the style sheet has set.
export function theme() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    background: of('--surface'), text: of('--text'), muted: of('--muted'), line: of('--line'), accent: of('--accent'), accentText: of('--accent-text'),
    faded: Number(of('--faded')), stripe: of('--stripe'), bad: of('--bad'),
    font: `12px ${of('--sans')}`, small: `11px ${of('--sans')}`,
  };
}

// Fits texts into widths. Measuring is slow, so each text is measured once and what is cut off is estimated.
export class Fitter {
  #widths = new Map();

  width(context, text) {
    let width = this.#widths.get(text);
    if (width === undefined) {
      if (this.#widths.size > 20000) this.#widths.clear();
      width = context.measureText(text).width;
      this.#widths.set(text, width);
    }
    return width;
  }

  // The long text if it fits into `most`, else as much of the short one as fits into `room`.
  longest(context, long, short, most, room) {
    return this.width(context, long) <= most ? long : this.fit(context, short, room);
  }

  fit(context, text, room) {
    const width = this.width(context, text);
    if (width <= room) return text;
    const letters = Math.floor((text.length * (room - 10)) / width);
    if (letters < 2) return '';
    const cut = text.slice(0, letters);
    return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
  }
}

export const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
