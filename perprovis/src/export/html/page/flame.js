// The flame graph: callers above what they call, or each function above its callers; as wide as their time.
import { Callees, Callers, ROOT, matchedTime, matcher } from './tree.js';
import { Fitter, Surface, reducedMotion, theme } from './canvas.js';
import { INK, heat } from './colour.js';
import { choice, h, select } from './dom.js';
import { clip, count, counted, percent, time } from './format.js';
import { nameOf, shortOf } from './calls.js';

const ROW = 22;
const THIN = 0.6; // pixels: what is narrower is drawn together with its neighbours
const ZOOM_MS = 180;

export function flame(app) {
  const { model } = app;
  let tree = null;
  let treeKey = '';
  let zoomed = null; // the node that fills the width
  let focus = null; // the node that the keyboard is on
  let hover = null;
  let match = null;
  let most = 0; // the largest self time of a frame: the dark end of the colours by self time
  let frames = []; // what is drawn, per row from left to right
  let laid = null; // for which interval and width
  let animation = null;
  let colours = theme();
  const fitter = new Fitter();

  const threads = select('Threads', model.trees().map(({ thread, label }) => [String(thread), label]), '-1', (thread) => app.go({ thread, zoom: '' }));
  const direction = choice('Direction', [['', 'Callees', 'What each function calls, from the outermost call down'], ['callers', 'Callers', 'Inverted: each function’s self time, and who called it']],
    (invert) => app.go({ invert, zoom: '' }));
  const paint = choice('Colours', [['', 'By name', 'A colour for each function'], ['heat', 'By self time', 'The darker, the more time in the function itself']], (heat) => app.go({ heat }, { replace: true }));
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
    h('div', { class: 'toolbar' }, direction.element, threads, paint.element, search, matches, out), info, nothing, scroller);
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
    frames = [];
    const scale = to > from ? width / (to - from) : 0;
    const waiting = [tree.root];
    while (waiting.length > 0) {
      const node = waiting.pop();
      const row = node.depth + 1;
      const left = Math.max(0, (node.start - from) * scale);
      const right = Math.min(width, (node.start + node.total - from) * scale);
      (frames[row] ??= []).push({ node, left, right });
      let rest = null; // children too narrow to tell apart: they are the last ones, since they are ordered by time
      for (const child of tree.children(node)) {
        const [x, end] = [(child.start - from) * scale, (child.start + child.total - from) * scale];
        if (end <= 0 || x >= width || child.total <= 0) continue;
        if (end - x >= THIN) waiting.push(child);
        else if (rest) rest.right = Math.min(width, end);
        else rest = { node: null, left: Math.max(0, x), right: Math.min(width, end) };
      }
      if (rest && rest.right - rest.left >= THIN) (frames[row + 1] ??= []).push(rest);
    }
    for (const row of frames) row?.sort((one, other) => one.left - other.left);
    const height = frames.length * ROW + 8;
    if (spacer.dataset.height !== String(height)) {
      spacer.dataset.height = height;
      spacer.style.height = `${height}px`;
    }
  }

  // ---- Drawing

  function fillOf(node) {
    if (!app.state.heat) return app.colours.of(node.fn);
    return match?.of(node.fn) ? colours.accent : heat(most > 0 ? node.self / most : 0); // the pale end of the scale would hide a match
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
          context.fillStyle = node.fn === ROOT || !lit ? colours.text : app.state.heat && match ? colours.accentText : INK;
          const text = fitter.fit(context, label(node), wide - 10);
          if (text) context.fillText(text, left + 5, y + ROW / 2);
        }
        context.globalAlpha = 1;
        if (node.fn >= 0 && node.fn === picked && wide > 2) outline(context, left, y, wide - gap, colours.text, 1.5);
        if (node === hover || (node === focus && document.activeElement === surface.canvas)) outline(context, left, y, wide - gap, colours.accent, 2.5);
      }
    }
    context.globalAlpha = 1;
    if (animation) requestAnimationFrame(() => surface.now());
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

  // ---- What is known of a frame

  function describe(node) {
    const whole = tree.root.total || 1;
    if (node.fn === ROOT) return `${label(node)}: ${time(node.total)} in profiled code`;
    const share = `${time(node.total)}, ${percent(node.total / whole)}`;
    if (app.state.invert) {
      return node.depth === 0 ? `${nameOf(app, node.fn)}: self time ${share}` : `${nameOf(app, node.fn)}: ${share} of self time came through here`;
    }
    return `${nameOf(app, node.fn)}: total ${share}, self ${time(node.self)}, ${percent(node.self / whole)}, ${counted(node.calls, 'call')}${node.open > 0 ? ', running' : ''}`;
  }

  function tooltip(node) {
    const whole = tree.root.total || 1;
    const line = (title, nanos) => h('tr', {}, h('th', {}, title), h('td', {}, time(nanos)), h('td', {}, percent(nanos / whole)));
    const rows = app.state.invert ? [line(node.depth === 0 ? 'Self' : 'Self time through here', node.total)] : [line('Total', node.total), line('Self', node.self)];
    if (node.parent && node.parent.fn !== ROOT) {
      rows.push(h('tr', {}, h('th', {}, app.state.invert ? 'Of the frame above' : 'Of its caller'), h('td', {}), h('td', {}, percent(node.total / (node.parent.total || 1)))));
    }
    return [
      h('div', { class: 'tooltip-title' }, clip(nameOf(app, node.fn), 300)),
      h('table', {}, h('tbody', {}, rows)),
      app.state.invert ? null : h('div', { class: 'muted' }, counted(node.calls, 'completed call'), node.open > 0 ? `, ${count(node.open)} running` : ''),
      node.fn === -1 ? h('div', { class: 'muted' }, 'Calls that the limits of depth or paths kept out of the tree.') : null,
    ].filter(Boolean);
  }

  function tell(node) {
    info.textContent = clip(describe(node ?? focus ?? zoomed), 600);
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
    if (node && node.fn !== ROOT && event.pointerType === 'mouse') app.tooltip.show(event.clientX, event.clientY, tooltip(node));
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

  let searched = null;
  return {
    element,
    search,
    show(state) {
      const known = model.trees().some(({ thread }) => String(thread) === state.thread);
      const thread = known ? state.thread : '-1';
      const key = `${thread} ${state.invert}`;
      if (key !== treeKey) {
        treeKey = key;
        const weights = model.weights(Number(thread));
        tree = state.invert ? new Callers(model, weights) : new Callees(model, weights);
        most = (state.invert ? tree.children(tree.root) : []).reduce((most, { self }) => Math.max(most, self), weights.self.reduce((most, self) => Math.max(most, self), 0));
        zoomed = tree.root;
        focus = hover = laid = animation = searched = null;
        scroller.scrollTop = 0;
      }
      threads.value = thread;
      direction.show(state.invert);
      paint.show(state.heat);
      if (search.value !== state.q) search.value = state.q;
      if (searched !== state.q) {
        searched = state.q;
        match = matcher(model, state.q);
        const share = match ? matchedTime(model, tree.weights, match) / (tree.weights.whole || 1) : 0;
        matches.textContent = match ? `${counted(match.functions, 'function')}, ${percent(share)} of the time` : '';
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
      { depth, left, right, y: depth * ROW - scroller.scrollTop + 2 + ROW / 2, name: node.fn >= 0 ? model.functions[node.fn].name : null, total: node.total, self: node.self }))),
  };
}
