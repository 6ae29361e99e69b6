// The timeline: a lane per thread with its logged calls, to zoom and pan.
import { Fitter, Surface, theme } from './canvas.js';
import { INK } from './colour.js';
import { Lanes } from './lanes.js';
import { clip, counted, moment, time, visible } from './format.js';
import { functionLink, h, pairsOf } from './dom.js';
import { lowerBound } from './model.js';
import { nameOf, shortOf, stackText } from './calls.js';

const ROW = 18;
const HEAD = 24; // the line with a lane's name
const GAP = 10; // below a lane
const RULER = 24;
const MAP = 40; // the strip with everything
const CLOSE = 4; // pixels around the pointer in which a narrow call is found
const KEY_STEP = 0.15; // of the width

export function timeline(app) {
  const { model } = app;
  const lanes = new Lanes(model);
  const whole = { from: 0, to: Math.max(lanes.to, lanes.from + model.tick, 1) };
  let view = { ...whole };
  let hover = -1;
  let chosen = -1; // item
  let colours = theme();
  let density = null;
  const folded = new Set();
  const fitter = new Fitter();

  const where = h('span', { class: 'muted where', role: 'status' });
  const fit = h('button', { type: 'button', class: 'button', title: 'Show the whole run (key 0)', onclick: () => move(whole.from, whole.to) }, 'Fit');
  const closer = h('button', { type: 'button', class: 'button', 'aria-label': 'Zoom in', title: 'Zoom in (+)', onclick: () => zoom(0.5, 1 / 2) }, '+');
  const farther = h('button', { type: 'button', class: 'button', 'aria-label': 'Zoom out', title: 'Zoom out (-)', onclick: () => zoom(0.5, 2) }, '−');
  const before = h('button', { type: 'button', class: 'button', title: 'The call of the picked function before this one (p)', onclick: () => step(-1) }, '‹ Previous');
  const after = h('button', { type: 'button', class: 'button', title: 'The next call of the picked function (n)', onclick: () => step(1) }, 'Next ›');
  const fold = h('button', { type: 'button', class: 'button', onclick: () => foldAll() }, 'Fold all');
  const surface = new Surface({ tabindex: '0', role: 'application', 'aria-label': 'Timeline of calls. Left and right pan, plus and minus zoom, N and P go through the calls of the picked function.' }, draw);
  const map = new Surface({ 'aria-hidden': 'true' }, drawMap);
  const mapPlace = h('div', { class: 'map' }, map.canvas);
  const spacer = h('div', {});
  const scroller = h('div', { class: 'lanes' }, surface.canvas, spacer);
  const details = h('section', { class: 'call-details', 'aria-label': 'Chosen call', 'aria-live': 'polite', tabindex: '0' });
  const empty = lanes.count === 0;
  const element = h('div', { class: 'fill timeline-view' },
    h('h2', { class: 'visually-hidden' }, 'Timeline'),
    h('div', { class: 'toolbar' }, h('span', { class: 'joined' }, farther, closer, fit), h('span', { class: 'joined' }, before, after), fold, where,
      Number(model.dropped.log) > 0 ? h('span', { class: 'badge bad', title: 'Only the latest calls of each thread are kept; all statistics are exact.' }, `${counted(model.dropped.log, 'earlier call')} not in the log`) : null),
    empty ? h('p', { class: 'nothing muted' }, 'No call is in the log.') : [mapPlace, scroller, details]);
  map.follow(mapPlace);
  // The strip above is as wide as the lanes, whatever a scroll bar takes of them.
  surface.follow(scroller, () => { mapPlace.style.marginRight = `${scroller.offsetWidth - scroller.clientWidth}px`; });
  scroller.addEventListener('scroll', () => surface.soon(), { passive: true });
  app.onTheme(() => { colours = theme(); density = null; redraw(); });

  function redraw() {
    surface.soon();
    map.soon();
  }

  // ---- Where things are

  function tops() {
    let y = RULER;
    const tops = lanes.lanes.map((lane) => {
      const top = y;
      y += HEAD + (folded.has(lane.thread) ? 0 : lane.rows.length * ROW) + GAP;
      return top;
    });
    const height = `${y}px`;
    if (spacer.style.height !== height) spacer.style.height = height;
    return tops;
  }

  const scale = () => surface.width / (view.to - view.from);

  // ---- Drawing

  function ticks(width) {
    const least = ((view.to - view.from) / width) * 90;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
    const ticks = [];
    for (let index = Math.ceil(view.from / step); index * step < view.to && ticks.length < 500; index++) ticks.push(index * step);
    return { step, ticks };
  }

  function draw(context, width, height) {
    const top = scroller.scrollTop;
    const perPixel = 1 / scale();
    const { ticks: marks, step } = ticks(width);
    context.textBaseline = 'middle';
    context.font = colours.small;
    context.fillStyle = colours.line;
    for (const mark of marks) context.fillRect(Math.round((mark - view.from) * scale()), RULER, 1, height);
    const picked = app.state.fn;
    const places = tops();
    context.font = colours.font;
    lanes.lanes.forEach((lane, index) => {
      const head = places[index] - top;
      const closed = folded.has(lane.thread);
      if (head > height || head + HEAD + lane.rows.length * ROW < 0) return;
      context.globalAlpha = 1;
      context.fillStyle = colours.stripe;
      context.fillRect(0, head, width, HEAD - 3);
      if (!closed) {
        lane.rows.forEach((row, at) => {
          const y = head + HEAD + at * ROW;
          if (y < -ROW || y > height) return;
          drawRow(context, row, y, width, perPixel, picked);
        });
      }
    });
    context.globalAlpha = 1;
    // Names last: they stay in sight whatever lies below.
    lanes.lanes.forEach((lane, index) => {
      const head = places[index] - top;
      if (head > height || head < -HEAD) return;
      context.font = `600 ${colours.font}`;
      context.fillStyle = colours.text;
      const name = fitter.fit(context, `${folded.has(lane.thread) ? '▸' : '▾'} ${clip(visible(model.threadName(lane.thread)), 80)}`, width - 16);
      context.fillText(name, 8, head + HEAD / 2 - 1);
      const wide = context.measureText(name).width;
      context.font = colours.small;
      context.fillStyle = colours.muted;
      const facts = `${counted(lane.count, 'call')}${lane.packed > 0 ? ` · overlapping ones (async) in the first ${lane.packed === 1 ? 'row' : `${lane.packed} rows`}` : ''}${lane.over ? ', some over each other' : ''}`;
      context.fillText(fitter.fit(context, facts, Math.max(0, width - wide - 32)), wide + 20, head + HEAD / 2 - 1);
    });
    context.fillStyle = colours.background;
    context.fillRect(0, 0, width, RULER - 2);
    context.fillStyle = colours.line;
    context.fillRect(0, RULER - 2, width, 1);
    context.font = colours.small;
    context.fillStyle = colours.muted;
    for (const mark of marks) context.fillText(moment(mark, step), Math.round((mark - view.from) * scale()) + 4, RULER / 2 - 1);
    if (document.activeElement === surface.canvas && surface.canvas.matches(':focus-visible')) {
      context.strokeStyle = colours.accent;
      context.lineWidth = 2;
      context.strokeRect(1, 1, width - 2, height - 2);
    }
  }

  function drawRow(context, row, y, width, perPixel, picked) {
    const factor = scale();
    lanes.walk(row, view.from, view.to, perPixel, (item, start, end, cover) => {
      const left = Math.max(-2, (start - view.from) * factor);
      const right = Math.min(width + 2, (end - view.from) * factor);
      const wide = Math.max(1, right - left);
      const fn = lanes.fn[item];
      const lit = picked === null || fn === picked;
      context.globalAlpha = lit ? 0.35 + 0.65 * cover : colours.faded * (0.35 + 0.65 * cover);
      context.fillStyle = app.colours.of(fn);
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
        const from = Math.max(0, left) + 4;
        const text = fitter.fit(context, clip(shortOf(app, fn), 200), Math.min(right, width) - from - 4);
        if (text) context.fillText(text, from, y + ROW / 2 - 0.5);
      }
      if (item === chosen || item === hover || (picked === fn && wide > 6)) {
        context.globalAlpha = 1;
        context.strokeStyle = item === chosen || item === hover ? colours.accent : colours.text;
        context.lineWidth = item === chosen || item === hover ? 2 : 1;
        context.strokeRect(left + 1, y + 1, Math.max(1, wide - 2.5), ROW - 4);
      }
    });
    context.globalAlpha = 1;
  }

  // The strip with everything: how many threads were at work.
  function drawMap(context, width, height) {
    if (!density || density.length !== Math.ceil(width)) {
      density = new Float64Array(Math.ceil(width));
      const step = (whole.to - whole.from) / width;
      for (const lane of lanes.lanes) {
        const busy = new Float64Array(density.length);
        for (const row of lane.rows) {
          lanes.walk(row, whole.from, whole.to, step, (item, start, end, cover) => {
            const [first, last] = [Math.floor(start / step), Math.min(density.length - 1, Math.floor(end / step))];
            for (let x = first; x <= last; x++) {
              const part = (Math.min(end, (x + 1) * step) - Math.max(start, x * step)) / step;
              busy[x] = Math.min(1, Math.max(busy[x], part * cover));
            }
          });
        }
        busy.forEach((share, x) => { density[x] += share; });
      }
    }
    const most = Math.max(1, lanes.lanes.length);
    context.fillStyle = colours.accent;
    context.globalAlpha = 0.45;
    density.forEach((share, x) => {
      const tall = share === 0 ? 0 : Math.max(1.5, (share / most) * (height - 6));
      context.fillRect(x, height - tall, 1, tall);
    });
    const full = whole.to - whole.from;
    const [left, right] = [((view.from - whole.from) / full) * width, ((view.to - whole.from) / full) * width];
    context.globalAlpha = 0.55;
    context.fillStyle = colours.stripe;
    context.fillRect(0, 0, left, height);
    context.fillRect(right, 0, width - right, height);
    context.globalAlpha = 1;
    context.strokeStyle = colours.accent;
    context.lineWidth = 1.5;
    context.strokeRect(Math.max(0.75, left), 0.75, Math.max(2, right - left - 1.5), height - 1.5);
  }

  // ---- Moving

  let told = 0;
  function move(from, to) {
    const least = 10 * Math.min(1, model.tick);
    const length = Math.max(least, Math.min(to - from, whole.to - whole.from));
    const start = Math.max(whole.from, Math.min(from, whole.to - length));
    view = { from: start, to: start + length };
    tell();
    redraw();
    // The address follows when it comes to rest.
    clearTimeout(told);
    told = setTimeout(() => {
      const all = isWhole();
      app.go({ from: all ? '' : view.from, to: all ? '' : view.to }, { replace: true, quiet: true });
    }, 200);
  }

  const isWhole = () => view.from <= whole.from && view.to >= whole.to;

  function zoom(at, factor) {
    const length = view.to - view.from;
    const fixed = view.from + at * length;
    move(fixed - at * length * factor, fixed + (1 - at) * length * factor);
  }

  function pan(pixels) {
    const by = pixels / scale();
    move(view.from + by, view.to + by);
  }

  function tell() {
    where.textContent = empty ? '' : `${time(view.to - view.from)} from ${time(view.from)}`;
    fit.disabled = isWhole();
  }

  function foldAll() {
    if (folded.size > 0) folded.clear();
    else lanes.lanes.forEach((lane) => folded.add(lane.thread));
    fold.textContent = folded.size > 0 ? 'Unfold all' : 'Fold all';
    surface.soon();
    tops();
  }

  // To the next call of the picked function, or of any.
  function step(by) {
    const picked = app.state.fn;
    const calls = model.calls();
    if (calls.count === 0) return;
    let at = chosen >= 0 && chosen < calls.count ? chosen + by : by > 0 ? lowerBound(calls.start, view.from) : lowerBound(calls.start, view.to) - 1;
    while (at >= 0 && at < calls.count && picked !== null && calls.fn[at] !== picked) at += by;
    if (at < 0 || at >= calls.count) return;
    const { start, duration } = model.call(at);
    const length = view.to - view.from;
    // As close as now, unless the call would be a dot or would not fit.
    const wanted = duration > length * 0.9 || duration < length / 400 ? Math.max(duration * 4, 100 * model.tick) : length;
    if (start < view.from || start + duration > view.to || wanted !== length) move(start + duration / 2 - wanted / 2, start + duration / 2 + wanted / 2);
    app.go({ call: String(at) }, { replace: true });
  }

  // Scrolls to the row of an item.
  function reveal(item) {
    const places = tops();
    lanes.lanes.forEach((lane, index) => lane.rows.forEach((row, at) => {
      const found = lanes.search(row, lanes.start[item]);
      for (let next = found; next < row.items.length && lanes.start[row.items[next]] === lanes.start[item]; next++) {
        if (row.items[next] !== item) continue;
        if (folded.delete(lane.thread)) tops();
        const y = places[index] + HEAD + at * ROW;
        if (y - RULER < scroller.scrollTop || y + 2 * ROW > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = y - scroller.clientHeight / 2;
        return;
      }
    }));
  }

  // ---- What is known of an item

  function callOf(item) {
    if (item < lanes.calls) return model.call(item);
    const scope = model.open()[item - lanes.calls];
    const fn = lanes.fn[item];
    return { index: -1, thread: scope.thread, panicked: 0, path: scope.path, fn, start: scope.since, duration: scope.elapsed, pairs: [], isOpen: true };
  }

  function tooltip(item) {
    const call = callOf(item);
    return [
      h('div', { class: 'tooltip-title' }, clip(nameOf(app, call.fn), 300)),
      h('table', {}, h('tbody', {},
        h('tr', {}, h('th', {}, call.isOpen ? 'Running for' : 'Took'), h('td', {}, time(call.duration))),
        h('tr', {}, h('th', {}, 'Began at'), h('td', {}, time(call.start))),
        h('tr', {}, h('th', {}, 'Thread'), h('td', {}, clip(visible(model.threadName(call.thread)), 60))))),
      call.panicked ? h('div', { class: 'badge bad' }, 'panicked') : null,
      call.pairs.length > 0 ? h('div', { class: 'pairs' }, pairsOf(call.pairs, 8)) : null,
      h('ol', { class: 'tooltip-stack' }, stackText(app, call).map((name) => h('li', {}, name))),
    ].filter(Boolean);
  }

  function showDetails() {
    if (chosen < 0) {
      details.replaceChildren(h('p', { class: 'muted' }, 'Click a call to see all about it. The wheel zooms, dragging pans, Shift with the wheel pans sideways; a lane’s name folds it.'));
      return;
    }
    const call = callOf(chosen);
    details.replaceChildren(...[
      h('p', { class: 'details-line' }, functionLink(app, call.fn), h('strong', {}, call.isOpen ? `running for ${time(call.duration)}` : time(call.duration)),
        call.panicked ? h('span', { class: 'badge bad' }, 'panicked') : null,
        h('span', { class: 'muted' }, `from ${time(call.start)}${call.isOpen ? '' : ` to ${time(call.start + call.duration)}`} on ${clip(visible(model.threadName(call.thread)), 60)}`)),
      call.pairs.length > 0 ? h('p', { class: 'pairs all' }, pairsOf(call.pairs)) : null,
      h('p', { class: 'details-stack' }, stackText(app, call, 16).flatMap((name, index) => [index > 0 ? h('span', { class: 'muted' }, ' › ') : null, name])),
    ].filter(Boolean));
  }

  // ---- Input

  function at(event) {
    const box = surface.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const places = tops();
    for (const [index, lane] of lanes.lanes.entries()) {
      const inside = y + scroller.scrollTop - places[index];
      if (inside < 0 || inside >= HEAD + (folded.has(lane.thread) ? 0 : lane.rows.length * ROW)) continue;
      if (inside < HEAD) return { lane };
      const row = lane.rows[Math.floor((inside - HEAD) / ROW)];
      const moment = view.from + x / scale();
      const near = CLOSE / scale();
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

  const pointers = new Map();
  let dragged = false;
  const { canvas } = surface;
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    app.tooltip.hide();
    const unit = event.deltaMode === 1 ? 16 : 1;
    const [x, y] = [event.deltaX * unit, event.deltaY * unit];
    if (event.shiftKey || Math.abs(x) > Math.abs(y)) pan(x || y);
    else if (event.altKey) scroller.scrollTop += y;
    else zoom((event.clientX - canvas.getBoundingClientRect().left) / surface.width, Math.exp(Math.max(-240, Math.min(240, y)) * (event.ctrlKey ? 0.01 : 0.0022)));
  }, { passive: false });
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, event);
    dragged = pointers.size > 1;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    const last = pointers.get(event.pointerId);
    if (last) {
      const [x, y] = [event.clientX - last.clientX, event.clientY - last.clientY];
      if (!dragged && Math.abs(x) + Math.abs(y) < 4) return;
      dragged = true;
      canvas.style.cursor = 'grabbing';
      app.tooltip.hide();
      if (pointers.size === 1) {
        pan(-x);
        scroller.scrollTop -= y;
      } else {
        const other = [...pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
        const [was, is] = [Math.abs(last.clientX - other.clientX), Math.abs(event.clientX - other.clientX)];
        const middle = ((event.clientX + other.clientX) / 2 - canvas.getBoundingClientRect().left) / surface.width;
        if (was > 8 && is > 8) zoom(middle, was / is);
      }
      pointers.set(event.pointerId, event);
      return;
    }
    const { item = -1, lane } = at(event);
    if (item !== hover) { hover = item; surface.soon(); }
    canvas.style.cursor = item >= 0 || (lane && item === -1 && at(event).item === undefined) ? 'pointer' : 'grab';
    if (item >= 0) app.tooltip.show(event.clientX, event.clientY, tooltip(item));
    else app.tooltip.hide();
  });
  const release = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    canvas.style.cursor = 'grab';
    if (dragged || event.type === 'pointercancel') return;
    const { lane, item } = at(event);
    if (item >= 0) {
      app.tooltip.hide();
      app.go({ call: String(item), fn: lanes.fn[item] }, { replace: true });
    } else if (lane && item === undefined) {
      if (!folded.delete(lane.thread)) folded.add(lane.thread);
      fold.textContent = folded.size > 0 ? 'Unfold all' : 'Fold all';
      surface.soon();
    }
  };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerleave', () => { hover = -1; app.tooltip.hide(); surface.soon(); });
  canvas.addEventListener('dblclick', (event) => {
    const { item } = at(event);
    if (item >= 0) {
      const [start, end] = [lanes.start[item], lanes.end[item]];
      move(start - (end - start) * 0.1, end + (end - start) * 0.1);
    }
  });
  for (const kind of ['focus', 'blur']) canvas.addEventListener(kind, () => surface.soon());
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const width = surface.width * KEY_STEP;
    const actions = {
      ArrowLeft: () => pan(-width), ArrowRight: () => pan(width), ArrowUp: () => { scroller.scrollTop -= 3 * ROW; }, ArrowDown: () => { scroller.scrollTop += 3 * ROW; },
      PageUp: () => { scroller.scrollTop -= scroller.clientHeight; }, PageDown: () => { scroller.scrollTop += scroller.clientHeight; },
      '+': () => zoom(0.5, 1 / 1.6), '=': () => zoom(0.5, 1 / 1.6), w: () => zoom(0.5, 1 / 1.6), '-': () => zoom(0.5, 1.6), s: () => zoom(0.5, 1.6), a: () => pan(-width), d: () => pan(width),
      0: () => move(whole.from, whole.to), Home: () => move(whole.from, whole.to), n: () => step(1), p: () => step(-1), Escape: () => { app.go({ call: '', fn: null }, { replace: true }); },
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  });
  // On the strip: where it is clicked becomes the middle, dragging goes on.
  const jump = (event) => {
    const at = (event.clientX - mapPlace.getBoundingClientRect().left) / map.width;
    const middle = whole.from + at * (whole.to - whole.from);
    const half = (view.to - view.from) / 2;
    move(middle - half, middle + half);
  };
  mapPlace.addEventListener('pointerdown', (event) => { mapPlace.setPointerCapture(event.pointerId); jump(event); });
  mapPlace.addEventListener('pointermove', (event) => { if (event.buttons & 1) jump(event); });
  mapPlace.addEventListener('wheel', (event) => { event.preventDefault(); zoom(0.5, Math.exp(event.deltaY * 0.0022)); }, { passive: false });

  let first = true;
  return {
    element,
    show(state) {
      tops();
      const [from, to] = [parseFloat(state.from), parseFloat(state.to)];
      const asked = Number.isFinite(from) && Number.isFinite(to) && to > from;
      if (asked && (from !== view.from || to !== view.to)) move(from, to);
      else if (!asked && !first && !isWhole()) move(whole.from, whole.to);
      const item = parseInt(state.call, 10);
      const next = item >= 0 && item < lanes.count ? item : -1;
      if (next !== chosen || first) {
        chosen = next;
        if (!empty) showDetails();
        if (chosen >= 0) reveal(chosen);
      }
      first = false;
      const calls = state.fn === null ? lanes.count : model.functions[state.fn].logged;
      before.disabled = after.disabled = calls === 0;
      tell();
      redraw();
    },
    // For tests: the lanes, the interval shown, and where on the page an item is.
    inside: () => ({ lanes }),
    view: () => ({ ...view }),
    place(item) {
      const box = canvas.getBoundingClientRect();
      const places = tops();
      for (const [index, lane] of lanes.lanes.entries()) {
        for (const [at, row] of lane.rows.entries()) {
          if (row.items.includes(item)) return {
            x: box.left + ((lanes.start[item] + lanes.end[item]) / 2 - view.from) * scale(), y: box.top + places[index] - scroller.scrollTop + HEAD + at * ROW + ROW / 2,
          };
        }
      }
      return null;
    },
  };
}
