// Lists of single calls, with their stacks and metadata.
import { functionLink, h, pairsOf, swatch } from './dom.js';
import { clip, time, visible, visibleName } from './format.js';

export function nameOf(app, fn) {
  return fn < 0 ? '[truncated]' : visibleName(app.model.functions[fn].name);
}

export function shortOf(app, fn) {
  return fn < 0 ? '[truncated]' : visibleName(app.model.functions[fn].short);
}

// Where a call is shown on the timeline, with some of its surroundings; null if the log lost it.
export function onTimeline(app, call) {
  const index = call.index ?? app.model.find(call);
  if (index < 0) return null;
  const margin = Math.max(call.duration, 10 * app.model.tick) * 0.75;
  return { view: 'timeline', fn: call.fn, call: String(index), from: Math.max(0, call.start - margin), to: call.start + call.duration + margin };
}

const DEEP = 24; // frames of a stack shown on either end

function frames(app, call) {
  const stack = app.model.stack(call);
  const item = (fn) => h('li', {}, fn < 0 ? h('span', { class: 'muted' }, '[truncated]') : functionLink(app, fn));
  if (stack.length <= 2 * DEEP) return stack.map(item);
  return [...stack.slice(0, DEEP).map(item), h('li', { class: 'muted' }, `… ${stack.length - 2 * DEEP} more`), ...stack.slice(-DEEP).map(item)];
}

// Everything about one call, with its stack on request.
export function callItem(app, call, { named }) {
  const place = h('span', { class: 'call-actions' });
  const details = h('details', { class: 'call' },
    h('summary', {},
      h('span', { class: 'call-time' }, time(call.duration)),
      h('span', { class: 'call-what' },
        named ? h('span', { class: 'fn' }, swatch(app, call.fn), h('span', { class: 'name', dir: 'ltr' }, clip(shortOf(app, call.fn), 200))) : null,
        call.panicked ? h('span', { class: 'badge bad' }, 'panicked') : null,
        h('span', { class: 'pairs' }, pairsOf(call.pairs, 6))),
      h('span', { class: 'call-when muted' }, `at ${time(call.start)} · ${visible(clip(app.model.threadName(call.thread), 30))}`)),
  );
  // The stack and a place in a log of a million calls: looked up when asked for.
  details.addEventListener('toggle', () => {
    if (!details.open || details.childElementCount > 1) return;
    const target = onTimeline(app, call);
    details.append(h('div', { class: 'call-more' },
      call.pairs.length > 0 ? h('div', { class: 'pairs all' }, pairsOf(call.pairs)) : null,
      h('ol', { class: 'stack', 'aria-label': 'Call stack, outermost first' }, frames(app, call)),
      place));
    place.append(
      target ? h('a', { class: 'button', href: app.href(target) }, 'Show on the timeline') : h('span', { class: 'muted' }, 'Not in the call log any more.'),
      named ? h('a', { class: 'button', href: app.href({ view: 'function', fn: call.fn }) }, 'All about this function') : '');
  });
  return details;
}

export function stackText(app, call, most = 8) {
  const names = app.model.stack(call).map((fn) => clip(shortOf(app, fn), 60));
  return names.length <= most ? names : [...names.slice(0, 2), `… ${names.length - most + 1} more …`, ...names.slice(2 - most + 1)];
}

// The same in a box beside the pointer.
export function callTooltip(app, call) {
  const line = (title, value) => h('tr', {}, h('th', {}, title), h('td', {}, value));
  return [
    h('div', { class: 'tooltip-title' }, clip(nameOf(app, call.fn), 300)),
    h('table', {}, h('tbody', {},
      line(call.isOpen ? 'Running for' : 'Took', time(call.duration)),
      line('Began at', time(call.start)),
      line('Thread', clip(visible(app.model.threadName(call.thread)), 60)))),
    call.panicked ? h('div', { class: 'badge bad' }, 'panicked') : null,
    call.pairs.length > 0 ? h('div', { class: 'pairs' }, pairsOf(call.pairs, 8)) : null,
    app.model.stack(call).length > 1 ? h('ol', { class: 'tooltip-stack' }, stackText(app, call).map((name) => h('li', {}, name))) : null,
  ].filter(Boolean);
}

// The same in some lines below the timeline.
export function callDetails(app, call) {
  return [
    h('p', { class: 'details-line' }, functionLink(app, call.fn), h('strong', {}, call.isOpen ? `running for ${time(call.duration)}` : time(call.duration)),
      call.panicked ? h('span', { class: 'badge bad' }, 'panicked') : null,
      h('span', { class: 'muted' }, `from ${time(call.start)}${call.isOpen ? '' : ` to ${time(call.start + call.duration)}`} on ${clip(visible(app.model.threadName(call.thread)), 60)}`)),
    call.pairs.length > 0 ? h('p', { class: 'pairs all' }, pairsOf(call.pairs)) : null,
    h('p', { class: 'details-stack' }, stackText(app, call, 16).flatMap((name, index) => [index > 0 ? h('span', { class: 'muted' }, ' › ') : null, name])),
  ].filter(Boolean);
}
