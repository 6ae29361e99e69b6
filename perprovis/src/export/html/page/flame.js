// The flame graph: callers above what they call, or each function above its callers; as wide as their time.
import { Callees, Callers, ROOT, matchedSelf, matchedTime, matcher } from './tree.js';
import { Fitter, Surface, reducedMotion, theme } from './canvas.js';
import { INK } from './colour.js';
import { Telling } from './frame.js';
import { choice, h, select } from './dom.js';
import { clip, counted, percent } from './format.js';
import { layFrames } from './layout.js';
import { nameOf, shortOf } from './calls.js';

const ROW = 22;
const ZOOM_MS = 180;

export function flame(app) {
  const { model } = app;
  let tree = null;
  let treeKey = '';
  let zoomed = null; // the node that fills the width
  let focus = null; // the node that the keyboard is on
  let hover = null;
  let match = null;
  let telling = null;
  let frames = []; // what is drawn, per row from left to right
  let laid = null; // for which interval and width
  let animation = null;
  let colours = theme();
  const fitter = new Fitter();

  const threads = select('Threads', model.trees().map(({ thread, label }) => [String(thread), label]), '-1', (thread) => app.go({ thread, zoom: '' }));
  const direction = choice('Direction', [['', 'Callees', 'What each function calls, from the outermost call down'], ['callers', 'Callers', 'Inverted: each function’s self time, and who called it']],
    (invert) => app.go({ invert, zoom: '' }));
  const measure = choice('Time', [['', 'Total', 'Figures, heat and the share of matches are of the time with callees'], ['self', 'Self', 'Figures, heat and the share of matches are of the time in the function itself']],
    (measure) => app.go({ measure }, { replace: true }));
  const named = ['A colour for each function', 'The darker, the more time'];
  const paint = choice('Colours', model.before
    ? [['', 'Change', 'Orange became slower, blue faster; the strongest colour is twice or half the time'], ['name', 'Name', named[0]], ['heat', 'Heat', named[1]]]
    : [['', 'Name', named[0]], ['heat', 'Heat', named[1]]], (heat) => app.go({ heat }, { replace: true }));
  const widths = choice('Widths', [['', 'Now', 'As wide as their time in this report'], ['before', 'Before', 'As wide as their time in the earlier report: shows what is gone']], (width) => app.go({ width, zoom: '' }));
  const search = h('input', {
    type: 'search', placeholder: 'Search', 'aria-label': 'Search the flame graph', spellcheck: 'false', autocomplete: 'off', class: 'search',
    oninput: () => app.go({ q: search.value }, { replace: true }),
  });
  const matches = h('span', { class: 'matches', role: 'status' });
  const out = h('button', { type: 'button', class: 'button', title: 'Show everything again (Escape goes up one level)', onclick: () => zoomTo(tree.root) }, 'Reset zoom');
  const info = h('p', { class: 'info', 'aria-live': 'polite' });
  const surface = new Surface({ tabindex: '0', role: 'application', 'aria-label': 'Flame graph. Arrow keys move, Enter zooms in, Escape out.' }, draw);
  const spacer = h('div', { class: 'flame-spacer' });
  const scroller = h('div', { class: 'flame-scroller' }, surface.canvas, spacer);
  const nothing = h('p', { class: 'nothing muted', hidden: true }, 'No time was recorded here.');
  const element = h('div', { class: 'fill flame-view' },
    h('h2', { class: 'visually-hidden' }, 'Flame graph'),
    h('div', { class: 'toolbar' }, search, direction.element, measure.element, paint.element, model.before ? widths.element : null, threads, out, matches), info, nothing, scroller);
  surface.follow(scroller, () => layout(true));
  scroller.addEventListener('scroll', () => surface.soon(), { passive: true });
  app.onTheme(() => { colours = theme(); surface.soon(); });

  // ---- Layout

  // The interval of time shown: that of the zoomed node, or on the way there.
  function interval() {
    const [from, to] = [zoomed.start, zoomed.start + zoomed.total];
    if (!animation) return [from, to];
    const part = Math.min(1, (performance.now() - animation.since) / ZOOM_MS);
    if (part >= 1) { animation = null; return [from, to]; }
    const eased = 1 - (1 - part) ** 3;
    return [animation.from + (from - animation.from) * eased, animation.to + (to - animation.to) * eased];
  }

  function layout(force) {
    const [from, to] = interval();
    const { width } = surface;
    const key = `${from} ${to} ${width}`;
    if ((laid === key && !force) || width === 0) return;
    laid = key;
    frames = layFrames(tree, { from, to, width }, app.colours);
    const height = frames.length * ROW + 8;
    if (spacer.dataset.height !== String(height)) {
      spacer.dataset.height = height;
      spacer.style.height = `${height}px`;
    }
  }

  // ---- Drawing

  // The pale end of the heat would hide a match.
  const isMarked = (node) => telling.paint === 'heat' && match?.of(node.fn);

  function fillOf(node) {
    return isMarked(node) ? colours.accent : telling.fill(node);
  }

  function draw(context, width, height) {
    if (!tree) return;
    layout(false);
    const top = scroller.scrollTop;
    context.font = colours.font;
    context.textBaseline = 'middle';
    const picked = app.state.fn;
    for (let row = Math.floor(top / ROW); row < frames.length && row * ROW < top + height; row++) {
      const y = row * ROW - top + 2;
      for (const { node, left, right } of frames[row] ?? []) {
        const wide = right - left;
        if (!node) {
          context.globalAlpha = match || picked !== null ? colours.faded : 0.5;
          context.fillStyle = app.colours.of(-1);
          context.fillRect(left, y + 4, wide, ROW - 9);
          continue;
        }
        const lit = match ? match.of(node.fn) && node.fn !== ROOT : picked === null || node.fn === picked || callsPicked(node, picked);
        context.globalAlpha = lit || node.fn === ROOT ? 1 : colours.faded;
        context.fillStyle = node.fn === ROOT ? colours.stripe : fillOf(node);
        const gap = wide > 3 ? 1 : 0;
        context.fillRect(left, y, wide - gap, ROW - 1);
        if (node.open > 0 && wide > 6) drawOpen(context, left, y, wide - gap);
        context.globalAlpha = lit || node.fn === ROOT ? 1 : Math.max(colours.faded, 0.65);
        if (wide > 24) {
          // What is zoomed past keeps its name in sight.
          context.fillStyle = node.fn === ROOT || !lit ? colours.text : isMarked(node) ? colours.accentText : INK;
          drawLabel(context, node, left + 6, y + ROW / 2, wide - 12);
        }
        context.globalAlpha = 1;
        if (node.fn >= 0 && node.fn === picked && wide > 2) outline(context, left, y, wide - gap, colours.text, 1.5);
        if (node === hover || (node === focus && document.activeElement === surface.canvas)) outline(context, left, y, wide - gap, colours.accent, 2.5);
      }
    }
    context.globalAlpha = 1;
    if (animation) requestAnimationFrame(() => surface.now());
  }

  // The name, and its figure where there is room for both.
  function drawLabel(context, node, x, y, room) {
    const figure = telling.figure(node);
    const wide = fitter.width(context, figure);
    const whole = node.fn === ROOT ? label(node) : clip(nameOf(app, node.fn), 200);
    const text = fitter.longest(context, whole, label(node), room - wide - 16, room);
    if (!text) return;
    context.fillText(text, x, y);
    if (fitter.width(context, text) + 12 + wide > room) return;
    context.globalAlpha *= 0.72;
    context.fillText(figure, x + room - wide, y);
  }

  // Upside down, those who call the picked function are what it is picked for.
  function callsPicked(node, picked) {
    if (!app.state.invert || node.fn === ROOT) return false;
    let first = node;
    while (first.depth > 0) first = first.parent;
    return first.fn === picked;
  }

  function label(node) {
    if (node.fn === ROOT) return threads.selectedOptions[0]?.textContent ?? 'all';
    return clip(shortOf(app, node.fn), 200);
  }

  function outline(context, x, y, wide, colour, line) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.strokeRect(x + line / 2, y + line / 2, Math.max(0.5, wide - line), ROW - 1 - line);
  }

  // A stripe along the right edge: this was running when the report was taken.
  function drawOpen(context, x, y, wide) {
    context.fillStyle = INK;
    for (let at = 0; at < ROW - 3; at += 5) context.fillRect(x + wide - 3, y + 1 + at, 2, 3);
  }

  function tell(node) {
    const told = node ?? focus ?? zoomed;
    info.textContent = clip(telling.describe(told, label(told)), 600);
  }

  // ---- Input

  function at(event) {
    const box = surface.canvas.getBoundingClientRect();
    const row = frames[Math.floor((event.clientY - box.top + scroller.scrollTop - 2) / ROW)] ?? [];
    const x = event.clientX - box.left;
    return row.find(({ node, left, right }) => node && x >= left && x < right)?.node ?? null;
  }

  function zoomTo(node) {
    app.go({ zoom: node.id }, { replace: false });
  }

  surface.canvas.addEventListener('pointermove', (event) => {
    const node = at(event);
    if (node !== hover) { hover = node; surface.soon(); tell(node); }
    surface.canvas.style.cursor = node ? 'pointer' : 'default';
    if (node && node.fn !== ROOT && event.pointerType === 'mouse') app.tooltip.show(event.clientX, event.clientY, telling.tooltip(node));
    else app.tooltip.hide();
  });
  surface.canvas.addEventListener('pointerleave', () => { hover = null; app.tooltip.hide(); surface.soon(); tell(null); });
  surface.canvas.addEventListener('click', (event) => {
    const node = at(event);
    if (!node) return;
    focus = node;
    app.tooltip.hide();
    app.go({ zoom: node.fn === -1 ? node.parent.id : node.id, fn: node.fn >= 0 ? node.fn : app.state.fn });
  });
  surface.canvas.addEventListener('dblclick', () => { if (focus?.fn >= 0) app.go({ view: 'function', fn: focus.fn }); });
  surface.canvas.addEventListener('focus', () => { focus ??= zoomed; surface.soon(); tell(null); });
  surface.canvas.addEventListener('blur', () => surface.soon());
  surface.canvas.addEventListener('keydown', (event) => {
    const node = focus ?? zoomed;
    const siblings = node.parent ? tree.children(node.parent).filter((child) => child.total > 0) : [node];
    const place = siblings.indexOf(node);
    let next = null;
    if (event.key === 'ArrowUp') next = node.parent;
    else if (event.key === 'ArrowDown') next = tree.children(node).find((child) => child.total > 0);
    else if (event.key === 'ArrowLeft') next = siblings[place - 1];
    else if (event.key === 'ArrowRight') next = siblings[place + 1];
    else if (event.key === 'Home') next = tree.root;
    else if (event.key === 'Enter') app.go({ zoom: node.fn === -1 ? node.parent.id : node.id, fn: node.fn >= 0 ? node.fn : app.state.fn });
    else if (event.key === ' ') { if (node.fn >= 0) app.pick(node.fn); }
    else if (event.key === 'Escape' && zoomed.parent) { focus = zoomed.parent; zoomTo(zoomed.parent); }
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (next) {
      focus = next;
      reveal(next);
      tell(next);
      surface.soon();
    }
  });

  // Scrolls to a frame, and zooms out as far as it takes to see it.
  function reveal(node) {
    let inside = node;
    while (inside && inside !== zoomed) inside = inside.parent;
    let above = zoomed;
    while (above && above !== node) above = above.parent;
    if (!inside && !above) zoomTo(node.parent);
    const top = (node.depth + 1) * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + 2 * ROW > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + 2 * ROW - scroller.clientHeight;
  }

  // The largest self time of a frame: upside down, that of a whole function.
  function mostSelf() {
    const frames = app.state.invert ? tree.children(tree.root) : [];
    return frames.reduce((most, { self }) => Math.max(most, self), tree.weights.self.reduce((most, self) => Math.max(most, self), 0));
  }

  let searched = null;
  return {
    element,
    search,
    show(state) {
      const known = model.trees().some(({ thread }) => String(thread) === state.thread);
      const thread = known ? state.thread : '-1';
      const key = `${thread} ${state.invert} ${state.width}`;
      if (key !== treeKey) {
        treeKey = key;
        const weights = model.weights(Number(thread));
        const shown = state.width === 'before' && weights.before ? [weights.before, weights] : [weights, weights.before];
        tree = state.invert ? new Callers(model, ...shown) : new Callees(model, ...shown);
        zoomed = tree.root;
        focus = hover = laid = animation = searched = null;
        scroller.scrollTop = 0;
      }
      threads.value = thread;
      direction.show(state.invert);
      paint.show(state.heat);
      measure.show(state.measure);
      widths.show(state.width);
      telling = new Telling(app, tree, state, state.measure === 'self' ? mostSelf() : tree.root.total);
      if (search.value !== state.q) search.value = state.q;
      if (searched !== `${state.q} ${state.measure}`) {
        searched = `${state.q} ${state.measure}`;
        match = matcher(model, state.q);
        const share = match ? (state.measure === 'self' ? matchedSelf : matchedTime)(model, tree.weights, match) / (tree.weights.whole || 1) : 0;
        matches.textContent = match ? `${counted(match.functions, 'function')}, ${percent(share)} of the ${state.measure === 'self' ? 'self ' : ''}time` : '';
      }
      const target = tree.find(state.zoom);
      if (target !== zoomed) {
        if (!reducedMotion() && surface.width > 0) {
          const [from, to] = interval();
          animation = { from, to, since: performance.now() };
        }
        zoomed = target;
        focus = focus && (focus === target || focus.parent) ? focus : target;
      }
      out.disabled = zoomed === tree.root;
      nothing.hidden = tree.root.total > 0;
      scroller.hidden = tree.root.total <= 0;
      layout(true);
      tell(null);
      surface.soon();
    },
    // For tests: the tree, and what is drawn where.
    inside: () => ({ tree, zoomed, focus }),
    frames: () => frames.flatMap((row, depth) => (row ?? []).filter(({ node }) => node).map(({ node, left, right }) => (
      { depth, left, right, y: depth * ROW - scroller.scrollTop + 2 + ROW / 2, name: node.fn >= 0 ? model.functions[node.fn].name : null, total: node.total, self: node.self, fill: telling.fill(node) }))),
  };
}
