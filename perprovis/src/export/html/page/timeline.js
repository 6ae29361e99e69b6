// The timeline: a lane per thread with its logged calls, to zoom and pan.
import { LaneView } from './laneview.js';
import { Lanes } from './lanes.js';
import { Minimap } from './minimap.js';
import { Surface, reducedMotion } from './canvas.js';
import { callDetails, callTooltip } from './calls.js';
import { counted, time } from './format.js';
import { h } from './dom.js';
import { lowerBound } from './model.js';
import { pointing } from './pointing.js';

const KEY_STEP = 0.15; // of the width
const LINE = 54; // pixels that an arrow key scrolls

export function timeline(app) {
  const { model } = app;
  const lanes = new Lanes(model);
  const shown = new LaneView(app, lanes);
  const whole = { from: 0, to: Math.max(lanes.to, lanes.from + model.tick, 1) };
  let view = { ...whole };
  let chosen = -1; // item

  const button = (label, title, onclick, text = label) => h('button', { type: 'button', class: 'button', 'aria-label': label, title, onclick }, text);
  const where = h('span', { class: 'muted where', role: 'status' });
  const fit = button('Fit', 'Show the whole run (key 0)', () => move(whole.from, whole.to));
  const closer = button('Zoom in', 'Zoom in (+)', () => zoom(0.5, 1 / 2), '+');
  const farther = button('Zoom out', 'Zoom out (-)', () => zoom(0.5, 2), '−');
  const before = button('Previous', 'The call of the picked function before this one (p)', () => step(-1), '‹ Previous');
  const after = button('Next', 'The next call of the picked function (n)', () => step(1), 'Next ›');
  const fold = h('button', { type: 'button', class: 'button', title: 'Every lane as its name alone; a click on a name folds one', onclick: () => foldAll() }, 'Fold all');
  const surface = new Surface({
    tabindex: '0', role: 'application',
    'aria-label': 'Timeline of calls. Left and right pan, plus and minus zoom, N and P go through the calls of the picked function, what they are on is told below.',
  }, (context, width, height) => {
    Object.assign(shown, { interval: view, width, scroll: scroller.scrollTop });
    shown.draw(context, width, height, document.activeElement === surface.canvas && surface.canvas.matches(':focus-visible'));
  });
  const { canvas } = surface;
  const map = new Minimap(app, lanes, whole, { view: () => view, move, zoom });
  const spacer = h('div', {});
  const scroller = h('div', { class: 'lanes' }, canvas, spacer);
  const details = h('section', { class: 'call-details', 'aria-label': 'Chosen call', 'aria-live': 'polite', tabindex: '0' });
  const empty = lanes.count === 0;
  const element = h('div', { class: 'fill timeline-view' },
    h('h2', { class: 'visually-hidden' }, 'Timeline'),
    empty ? null : h('div', { class: 'toolbar' }, h('span', { class: 'joined' }, farther, closer, fit), h('span', { class: 'joined' }, before, after), fold, where,
      model.before ? h('span', { class: 'badge' }, 'of the later report') : null,
      Number(model.dropped.log) > 0 ? h('span', { class: 'badge bad', title: 'Only the latest calls of each thread are kept; all statistics are exact.' }, `${counted(model.dropped.log, 'earlier call')} not in the log`) : null),
    empty ? h('p', { class: 'nothing muted' }, 'No call is in the log.') : [map.element, scroller, details]);
  // The strip above is as wide as the lanes, whatever a scroll bar takes of them.
  surface.follow(scroller, () => { map.element.style.marginRight = `${scroller.offsetWidth - scroller.clientWidth}px`; });
  scroller.addEventListener('scroll', () => surface.soon(), { passive: true });
  app.onTheme(() => surface.soon());

  function redraw() {
    surface.soon();
    map.surface.soon();
  }

  function resize() {
    const height = `${shown.tops().at(-1)}px`;
    if (spacer.style.height !== height) spacer.style.height = height;
    fold.textContent = shown.folded.size > 0 ? 'Unfold all' : 'Fold all';
    surface.soon();
  }

  // ---- Moving

  let told = 0;
  function move(from, to) {
    gliding++;
    const least = 10 * Math.min(1, model.tick);
    const length = Math.max(least, Math.min(to - from, whole.to - whole.from));
    const start = Math.max(whole.from, Math.min(from, whole.to - length));
    view = { from: start, to: start + length };
    shown.interval = view;
    tell();
    redraw();
    // The address follows when it comes to rest.
    clearTimeout(told);
    told = setTimeout(() => {
      const all = isWhole();
      app.go({ from: all ? '' : view.from, to: all ? '' : view.to }, { replace: true, quiet: true });
    }, 200);
  }

  // The same in some steps, so that one sees where it goes.
  let gliding = 0;
  function glide(from, to) {
    const [start, since] = [{ ...view }, performance.now()];
    if (reducedMotion()) { move(from, to); return; }
    let mine = ++gliding;
    const frame = () => {
      if (mine !== gliding) return; // moved by hand meanwhile
      const part = 1 - (1 - Math.min(1, (performance.now() - since) / 160)) ** 3;
      move(start.from + (from - start.from) * part, start.to + (to - start.to) * part);
      mine = gliding;
      if (part < 1) requestAnimationFrame(frame);
    };
    frame();
  }

  const isWhole = () => view.from <= whole.from && view.to >= whole.to;

  function zoom(at, factor) {
    const length = view.to - view.from;
    const fixed = view.from + at * length;
    move(fixed - at * length * factor, fixed + (1 - at) * length * factor);
  }

  function pan(pixels) {
    const by = (pixels / surface.width) * (view.to - view.from);
    move(view.from + by, view.to + by);
  }

  function tell() {
    where.textContent = empty ? '' : `${time(view.to - view.from)} from ${time(view.from)}`;
    fit.disabled = isWhole();
  }

  function foldAll() {
    if (shown.folded.size > 0) shown.folded.clear();
    else lanes.lanes.forEach((lane) => shown.folded.add(lane.thread));
    resize();
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
    const found = shown.find(item);
    if (!found) return;
    resize();
    const { y, tall, ruler } = found;
    if (y - ruler < scroller.scrollTop || y + 2 * tall > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = y - scroller.clientHeight / 2;
  }

  // ---- What is known of an item

  function callOf(item) {
    if (item < lanes.calls) return model.call(item);
    const scope = model.open()[item - lanes.calls];
    return { index: -1, thread: scope.thread, panicked: 0, path: scope.path, fn: lanes.fn[item], start: scope.since, duration: scope.elapsed, pairs: [], isOpen: true };
  }

  function showDetails() {
    details.replaceChildren(...(chosen >= 0 ? callDetails(app, callOf(chosen))
      : [h('p', { class: 'muted' }, 'Click a call to see all about it. The wheel zooms, dragging pans; with Shift the wheel pans, and dragging measures and zooms in. A lane’s name folds it.')]));
  }

  // ---- Input

  pointing(canvas, {
    pan,
    zoom,
    scroll: (pixels) => { scroller.scrollTop += pixels; },
    hover(x, y, event) {
      const { lane, item } = shown.at(x, y);
      if ((item ?? -1) !== shown.hover) { shown.hover = item ?? -1; surface.soon(); }
      if (item >= 0) app.tooltip.show(event.clientX, event.clientY, callTooltip(app, callOf(item)));
      else app.tooltip.hide();
      return item >= 0 || (lane && item === undefined);
    },
    leave() {
      shown.hover = -1;
      app.tooltip.hide();
      surface.soon();
    },
    // Measures while it is drawn, zooms in when it is let go.
    span(left, right, done) {
      const at = (x) => view.from + x / shown.scale;
      shown.span = left === null || done ? null : { from: left, to: right };
      if (done && right - left > 2) glide(at(left), at(right));
      surface.soon();
    },
    click(x, y) {
      const { lane, item } = shown.at(x, y);
      if (item >= 0) {
        app.tooltip.hide();
        app.go({ call: String(item), fn: lanes.fn[item] }, { replace: true });
      } else if (lane && item === undefined) {
        if (!shown.folded.delete(lane.thread)) shown.folded.add(lane.thread);
        resize();
      }
    },
  });
  canvas.addEventListener('dblclick', (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    const { item } = shown.at(event.clientX - left, event.clientY - top);
    if (!(item >= 0)) return;
    const margin = (lanes.end[item] - lanes.start[item]) * 0.1;
    glide(lanes.start[item] - margin, lanes.end[item] + margin);
  });
  for (const kind of ['focus', 'blur']) canvas.addEventListener(kind, () => surface.soon());
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const width = surface.width * KEY_STEP;
    const scroll = (by) => () => { scroller.scrollTop += by; };
    const [near, far, all] = [() => zoom(0.5, 1 / 1.6), () => zoom(0.5, 1.6), () => glide(whole.from, whole.to)];
    const actions = {
      ArrowLeft: () => pan(-width), ArrowRight: () => pan(width), a: () => pan(-width), d: () => pan(width),
      ArrowUp: scroll(-LINE), ArrowDown: scroll(LINE), PageUp: scroll(-scroller.clientHeight), PageDown: scroll(scroller.clientHeight),
      '+': near, '=': near, w: near, '-': far, s: far, 0: all, Home: all, n: () => step(1), p: () => step(-1), f: foldAll,
      Escape: () => { app.go({ call: '', fn: null }, { replace: true }); },
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  });

  let first = true;
  return {
    element,
    show(state) {
      resize();
      const [from, to] = [parseFloat(state.from), parseFloat(state.to)];
      const asked = Number.isFinite(from) && Number.isFinite(to) && to > from;
      if (asked && (from !== view.from || to !== view.to)) move(from, to);
      else if (!asked && !first && !isWhole()) move(whole.from, whole.to);
      const item = parseInt(state.call, 10);
      const next = item >= 0 && item < lanes.count ? item : -1;
      if (next !== chosen || first) {
        chosen = shown.chosen = next;
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
      const { left, top } = canvas.getBoundingClientRect();
      const { y, tall } = shown.find(item);
      return { x: left + ((lanes.start[item] + lanes.end[item]) / 2 - view.from) * shown.scale, y: top + y - scroller.scrollTop + tall / 2 };
    },
  };
}
