// Lanes on a canvas: where each stands, what is drawn of it, what lies under a point.
import { Fitter, theme } from './canvas.js';
import { INK } from './colour.js';
import { clip, counted, moment, time, visible } from './format.js';
import { nameOf, shortOf } from './calls.js';

const ROW = 18;
const HEAD = 24; // the line with a lane's name
const GAP = 10; // below a lane
const RULER = 24;
const CLOSE = 4; // pixels around the pointer in which a narrow call is found

export class LaneView {
  #app;
  #fitter = new Fitter();
  #colours = theme();

  constructor(app, lanes) {
    this.#app = app;
    this.lanes = lanes;
    this.folded = new Set(); // threads
    this.interval = { from: 0, to: 1 };
    this.width = 0;
    this.scroll = 0;
    this.hover = this.chosen = -1; // items
    this.span = null; // pixels that are being measured: { from, to }
    app.onTheme(() => { this.#colours = theme(); });
  }

  get scale() {
    return this.width / (this.interval.to - this.interval.from);
  }

  // Where each lane begins, and behind the last one how high all are.
  tops() {
    const tops = [RULER];
    for (const lane of this.lanes.lanes) tops.push(tops.at(-1) + HEAD + (this.folded.has(lane.thread) ? 0 : lane.rows.length * ROW) + GAP);
    return tops;
  }

  // The lane, row and place of an item, unfolding its lane; null if it is nowhere.
  find(item) {
    const { lanes } = this;
    for (const [index, lane] of lanes.lanes.entries()) {
      for (const [at, row] of lane.rows.entries()) {
        for (let next = lanes.search(row, lanes.start[item]); next < row.items.length && lanes.start[row.items[next]] === lanes.start[item]; next++) {
          if (row.items[next] !== item) continue;
          this.folded.delete(lane.thread);
          return { y: this.tops()[index] + HEAD + at * ROW, tall: ROW, ruler: RULER };
        }
      }
    }
    return null;
  }

  // What is at a point: { lane } on its name, { lane, item } in it, where item is -1 beside all calls.
  at(x, y) {
    const { lanes } = this;
    const tops = this.tops();
    for (const [index, lane] of lanes.lanes.entries()) {
      const inside = y + this.scroll - tops[index];
      if (inside < 0 || inside >= HEAD + (this.folded.has(lane.thread) ? 0 : lane.rows.length * ROW)) continue;
      if (inside < HEAD) return { lane };
      const row = lane.rows[Math.floor((inside - HEAD) / ROW)];
      const moment = this.interval.from + x / this.scale;
      const near = CLOSE / this.scale;
      // The one below the pointer, else the nearest beside it.
      let best = -1;
      let nearest = near;
      for (let next = Math.max(0, lanes.search(row, moment) - 2); next < row.items.length && lanes.start[row.items[next]] <= moment + near; next++) {
        const item = row.items[next];
        const away = Math.max(0, lanes.start[item] - moment, moment - lanes.end[item]);
        if (away <= nearest) { nearest = away; best = item; }
      }
      return { lane, item: best };
    }
    return {};
  }

  draw(context, width, height, focused) {
    const colours = this.#colours;
    const { from } = this.interval;
    const { ticks, step } = this.#ticks(width);
    context.textBaseline = 'middle';
    context.fillStyle = colours.line;
    for (const mark of ticks) context.fillRect(Math.round((mark - from) * this.scale), RULER, 1, height);
    const tops = this.tops();
    context.font = colours.font;
    this.lanes.lanes.forEach((lane, index) => {
      const head = tops[index] - this.scroll;
      if (head > height || tops[index + 1] - this.scroll < 0) return;
      context.globalAlpha = 1;
      context.fillStyle = colours.stripe;
      context.fillRect(0, head, width, HEAD - 3);
      if (this.folded.has(lane.thread)) return;
      lane.rows.forEach((row, at) => {
        const y = head + HEAD + at * ROW;
        if (y >= -ROW && y <= height) this.#row(context, row, y, width);
      });
    });
    // Names last: they stay in sight whatever lies below.
    this.lanes.lanes.forEach((lane, index) => {
      const head = tops[index] - this.scroll;
      if (head <= height && head >= -HEAD) this.#name(context, lane, head, width);
    });
    context.fillStyle = colours.background;
    context.fillRect(0, 0, width, RULER - 2);
    context.fillStyle = colours.line;
    context.fillRect(0, RULER - 2, width, 1);
    context.font = colours.small;
    context.fillStyle = colours.muted;
    for (const mark of ticks) {
      const [text, left] = [moment(mark, step), Math.round((mark - from) * this.scale) + 4];
      if (left + context.measureText(text).width <= width) context.fillText(text, left, RULER / 2 - 1);
    }
    if (this.span) this.#measure(context, height);
    if (focused) {
      context.strokeStyle = colours.accent;
      context.lineWidth = 2;
      context.strokeRect(1, 1, width - 2, height - 2);
    }
  }

  #measure(context, height) {
    const { span: { from, to } } = this;
    const colours = this.#colours;
    context.globalAlpha = 0.16;
    context.fillStyle = colours.accent;
    context.fillRect(from, 0, to - from, height);
    context.globalAlpha = 1;
    for (const x of [from, to]) context.fillRect(Math.round(x), 0, 1, height);
    const text = time((to - from) / this.scale);
    context.font = `600 ${colours.font}`;
    const wide = context.measureText(text).width + 12;
    const left = Math.max(0, Math.min(this.width - wide, (from + to - wide) / 2));
    context.fillRect(left, 2, wide, RULER - 6);
    context.fillStyle = colours.accentText;
    context.fillText(text, left + 6, RULER / 2 - 0.5);
  }

  // Round times some 90 pixels apart.
  #ticks(width) {
    const { from, to } = this.interval;
    const least = ((to - from) / width) * 90;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
    const ticks = [];
    for (let index = Math.ceil(from / step); index * step < to && ticks.length < 500; index++) ticks.push(index * step);
    return { step, ticks };
  }

  #name(context, lane, head, width) {
    const colours = this.#colours;
    const fitter = this.#fitter;
    context.font = `600 ${colours.font}`;
    context.fillStyle = colours.text;
    const title = `${this.folded.has(lane.thread) ? '▸' : '▾'} ${clip(visible(this.#app.model.threadName(lane.thread)), 80)}`;
    const name = fitter.fit(context, title, width - 16);
    context.fillText(name, 8, head + HEAD / 2 - 1);
    const wide = context.measureText(name).width;
    context.font = colours.small;
    context.fillStyle = colours.muted;
    const rows = (number) => (number === 1 ? 'row' : `${number} rows`);
    const packed = lane.packed === 0 ? '' : ` · overlapping ones (async) in the first ${rows(lane.packed)}`;
    const cut = lane.cut === 0 ? '' : ` · too deep for the call tree in the last ${rows(lane.cut)}`;
    const facts = `${counted(lane.count, 'call')}${packed}${cut}${lane.over ? ', some over each other' : ''}`;
    context.fillText(fitter.fit(context, facts, Math.max(0, width - wide - 32)), wide + 20, head + HEAD / 2 - 1);
  }

  #row(context, row, y, width) {
    const { lanes, scale, interval: { from, to } } = this;
    const colours = this.#colours;
    const app = this.#app;
    const { model, state: { fn: picked } } = app;
    let beside = null; // what was drawn last, and where it ends
    lanes.walk(row, from, to, 1 / scale, (item, start, end, cover) => {
      const left = Math.max(-2, (start - from) * scale);
      const right = Math.min(width + 2, (end - from) * scale);
      const wide = Math.max(1, right - left);
      const fn = lanes.fn[item];
      const lit = picked === null || fn === picked;
      let fill = app.colours.of(fn);
      if (wide >= 3) { // a shade is not to be seen on less
        const above = lanes.caller(item);
        fill = app.colours.beside(fn, [above >= 0 ? { fn: above, fill: app.colours.of(above) } : null, beside && left - beside.right < 2 ? beside : null]);
        beside = { fn, fill, right };
      }
      context.globalAlpha = lit ? 0.35 + 0.65 * cover : colours.faded * (0.35 + 0.65 * cover);
      context.fillStyle = fill;
      context.fillRect(left, y, wide > 3 ? wide - 0.75 : wide, ROW - 2);
      if (wide < 4) return;
      if (item >= lanes.calls) { // still open: a torn edge
        context.fillStyle = INK;
        for (let at = 1; at < ROW - 3; at += 4) context.fillRect(right - 3, y + at, 2, 2);
      } else if (model.calls().panicked[item]) {
        context.fillStyle = colours.bad;
        context.fillRect(left, y + ROW - 5, wide - 0.75, 3);
      }
      if (wide > 26) {
        context.globalAlpha = lit ? 1 : 0.65;
        context.fillStyle = lit ? INK : colours.text;
        // The name of what began before the edge stays in sight.
        const at = Math.max(0, left) + 4;
        const room = Math.min(right, width) - at - 4;
        const text = this.#fitter.longest(context, clip(nameOf(app, fn), 200), clip(shortOf(app, fn), 200), room, room);
        if (text) context.fillText(text, at, y + ROW / 2 - 0.5);
      }
      const pointed = item === this.chosen || item === this.hover;
      if (pointed || (picked === fn && wide > 6)) {
        context.globalAlpha = 1;
        context.strokeStyle = pointed ? colours.accent : colours.text;
        context.lineWidth = pointed ? 2 : 1;
        context.strokeRect(left + 1, y + 1, Math.max(1, wide - 2.5), ROW - 4);
      }
    });
    context.globalAlpha = 1;
  }
}
