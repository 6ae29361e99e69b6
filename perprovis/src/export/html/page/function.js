// One function: its numbers, distribution, callers and callees, slowest calls, and for async ones how they waited.
import { ALL } from './weights.js';
import { ROOT, neighbours } from './tree.js';
import { bar, changeOf, functionLink, h, nameParts, swatch } from './dom.js';
import { callItem } from './calls.js';
import { clip, count, counted, percent, time, visibleName } from './format.js';
import { distribution } from './histogram.js';

const LISTED = 200; // rows of callers and callees

function stat(title, value, detail, key, since) {
  return h('div', { class: 'fact' }, h('dt', {}, title), h('dd', { 'data-stat': key }, value), detail ? h('dd', { class: 'fact-detail' }, detail) : null,
    since ? h('dd', { class: 'fact-since', 'data-before': key }, since) : null);
}

function numbers(f, compared) {
  const done = Number(f.calls) > 0;
  const or = (nanos) => (done ? time(nanos) : '–');
  const since = (key) => compared && [h('span', { class: 'muted' }, f.before ? `before ${time(f.before[key])} ` : 'before: never called '), changeOf(f.before?.[key] ?? 0, f[key])];
  const callsBefore = compared && h('span', { class: 'muted' }, `before ${count(f.before?.calls ?? 0)}`);
  return h('dl', { class: 'facts' },
    stat('Calls', count(f.calls), f.open > 0 ? `${count(f.open)} running` : Number(f.panicked) > 0 ? `${count(f.panicked)} panicked` : 'completed', 'calls', callsBefore),
    stat('Total', or(f.total), `${percent(f.share)} of profiled time`, 'total', since('total')),
    stat('Self', or(f.self), `${percent(f.selfShare)} of profiled time`, 'self', since('self')),
    stat('Mean', or(f.mean), done ? `± ${time(f.deviation)} deviation` : '–', 'mean', since('mean')),
    stat('Fastest', or(f.min), done ? `median ${time(f.p50)}` : '–', 'min', since('min')),
    stat('Slowest', or(f.max), done && f.p50 > 0 ? `${(f.max / f.p50).toFixed(1)} × the median` : '–', 'max', since('max')));
}

function waiting(f) {
  if (!f.isAsync) return null;
  const whole = f.busy + f.idle;
  const share = whole > 0 ? f.busy / whole : 0;
  return h('section', { class: 'card', 'aria-labelledby': 'async-title' },
    h('h3', { id: 'async-title' }, 'Busy and waiting'),
    h('div', { class: 'busy-bar', role: 'img', 'aria-label': `busy ${percent(share)}` },
      h('span', { class: 'busy', style: { width: `${share * 100}%` } })),
    h('dl', { class: 'pairs-list' },
      h('div', {}, h('dt', {}, h('span', { class: 'key busy' }), 'Busy, inside polls'), h('dd', { 'data-stat': 'busy' }, `${time(f.busy)}, ${percent(share)}`)),
      h('div', {}, h('dt', {}, h('span', { class: 'key' }), 'Waiting, between polls'), h('dd', { 'data-stat': 'idle' }, `${time(f.idle)}, ${percent(whole > 0 ? 1 - share : 0)}`)),
      h('div', {}, h('dt', {}, 'Polls'), h('dd', { 'data-stat': 'polls' }, `${count(f.polls)}${Number(f.calls) > 0 ? `, ${(Number(f.polls) / Number(f.calls)).toFixed(1)} a call` : ''}`)),
      h('div', {}, h('dt', {}, 'Busy time of a poll, mean'), h('dd', {}, Number(f.polls) > 0 ? time(f.busy / Number(f.polls)) : '–')),
      h('div', {}, h('dt', {}, 'Dropped before completion'), h('dd', { 'data-stat': 'cancelled' }, count(f.cancelled)))),
    h('p', { class: 'muted' }, 'Durations run from the first poll to completion; in the flame graph and in shares a call weighs its busy time.'));
}

// Rows of one report, those of an earlier one beside them: by time now, what is gone last.
function together(now, before) {
  if (!before) return now;
  const known = new Map(before.map((row) => [row.fn, row]));
  const rows = now.map((row) => ({ ...row, before: known.get(row.fn)?.time ?? 0 }));
  for (const { fn } of rows) known.delete(fn);
  return rows.concat([...known.values()].map(({ fn, time }) => ({ fn, calls: 0, time: 0, before: time })));
}

function rows(app, f, list, whole, { title, id, roots, own, ownBefore }) {
  const compared = app.model.before !== null;
  const since = (before, now) => (compared ? h('td', { class: 'change' }, before === undefined ? null : changeOf(before, now)) : null);
  const row = ({ fn, calls, time: nanos, before }) => h('tr', {},
    h('th', { scope: 'row' }, fn === ROOT ? h('span', { class: 'fn muted' }, roots)
      : fn === f.index ? h('span', { class: 'fn' }, swatch(app, fn), h('span', { class: 'name' }, 'itself, recursively')) : functionLink(app, fn)),
    h('td', {}, count(calls)),
    h('td', {}, fn === f.index ? h('span', { class: 'muted', title: 'Counted once, with the outermost call' }, 'within') : time(nanos)),
    since(fn === f.index ? undefined : before, nanos),
    h('td', { class: 'share' }, fn === f.index ? null : [bar(whole > 0 ? nanos / whole : 0, app.colours.of(fn < 0 ? -1 : fn)), h('span', {}, percent(whole > 0 ? nanos / whole : 0))]));
  const shown = list.slice(0, LISTED);
  return h('section', { class: 'card', 'aria-labelledby': id },
    h('h3', { id }, title),
    h('table', { class: compared ? 'neighbours compared' : 'neighbours' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Function'), h('th', { scope: 'col' }, 'Calls'), h('th', { scope: 'col' }, 'Time'),
        compared ? h('th', { scope: 'col', class: 'change' }, 'Change') : null, h('th', { scope: 'col' }, 'Share'))),
      h('tbody', {},
        own === undefined ? null : h('tr', {}, h('th', { scope: 'row' }, h('span', { class: 'fn muted' }, 'its own code')), h('td', {}), h('td', {}, time(own)), since(ownBefore, own),
          h('td', { class: 'share' }, bar(whole > 0 ? own / whole : 0, app.colours.of(f.index)), h('span', {}, percent(whole > 0 ? own / whole : 0)))),
        shown.map(row),
        list.length > shown.length ? h('tr', {}, h('th', { scope: 'row', class: 'muted' }, `… ${list.length - shown.length} more`), h('td', { colspan: compared ? 4 : 3 })) : null)));
}

export function functionPage(app) {
  const { model } = app;
  const element = h('div', { class: 'page function-page' });
  let shown = null;
  let redraw = () => {};
  const sizes = new ResizeObserver(() => redraw());

  function build(f) {
    const around = neighbours(model, f.index);
    const earlier = model.before && neighbours(model, f.index, model.weights(ALL).before);
    const slowest = model.slowest()[f.index] ?? []; // none of what is gone
    const plot = h('div', { class: 'plot' });
    const done = Number(f.calls) > 0 || Number(f.before?.calls) > 0;
    let width = 0;
    redraw = () => {
      if (!done || plot.clientWidth === width || plot.clientWidth === 0) return;
      width = plot.clientWidth;
      plot.replaceChildren(distribution(f, model, width, app.tooltip));
    };
    sizes.disconnect();
    sizes.observe(plot);
    element.replaceChildren(...[
      h('div', { class: 'function-head' },
        h('h2', {}, swatch(app, f.index), nameParts(f)),
        h('p', { class: 'badges' },
          f.isGone ? h('span', { class: 'badge' }, 'gone: only in the earlier report') : model.before && !f.before ? h('span', { class: 'badge live' }, 'new') : null,
          f.isAsync ? h('span', { class: 'badge' }, 'async') : null,
          f.open > 0 ? h('span', { class: 'badge live' }, `${count(f.open)} running`) : null,
          Number(f.panicked) > 0 ? h('span', { class: 'badge bad' }, `${count(f.panicked)} panicked`) : null,
          h('span', { class: 'muted' }, `${counted(f.logged, 'call')} in the log`)),
        f.name.length > 300 ? h('details', { class: 'whole-name' }, h('summary', {}, `The whole name, ${count(f.name.length)} characters`), h('p', { dir: 'ltr' }, clip(visibleName(f.name), 20000))) : null),
      numbers(f, model.before !== null),
      h('section', { class: 'card', 'aria-labelledby': 'distribution-title' },
        h('h3', { id: 'distribution-title' }, 'Distribution of durations', model.before ? h('span', { class: 'aside' }, 'bars: now; line: the earlier report') : null),
        done ? plot : h('p', { class: 'muted' }, 'No call has completed yet.')),
      waiting(f),
      h('div', { class: 'columns' },
        rows(app, f, together(around.callers, earlier?.callers), around.total, { title: 'Callers', id: 'callers-title', roots: 'nothing profiled' }),
        rows(app, f, together(around.callees, earlier?.callees), around.total, { title: 'Callees', id: 'callees-title', own: around.self, ownBefore: earlier?.self })),
      h('section', { class: 'card', 'aria-labelledby': 'slowest-of-title' },
        h('h3', { id: 'slowest-of-title' }, 'Slowest calls'),
        slowest.length === 0 ? h('p', { class: 'muted' }, 'No call has completed yet.')
          : h('div', { class: 'call-list' }, slowest.map((call) => callItem(app, call, { named: false })))),
    ].filter(Boolean));
    redraw();
  }

  return {
    element,
    show(state) {
      if (state.fn === shown && element.childElementCount > 0) return;
      shown = state.fn;
      if (state.fn === null) {
        element.replaceChildren(h('section', { class: 'card empty' }, h('h2', {}, 'No function is picked'),
          h('p', {}, 'Pick one in the ', h('a', { href: app.href({ view: 'functions' }) }, 'table'), ', the ', h('a', { href: app.href({ view: 'flame' }) }, 'flame graph'), ' or the ', h('a', { href: app.href({ view: 'timeline' }) }, 'timeline'), '.')));
      } else {
        build(model.functions[state.fn]);
        element.scrollTop = 0;
      }
    },
  };
}
