// The table of all functions: sorted, filtered, and made of elements only as far as it is seen.
import { bar, functionLink, h } from './dom.js';
import { sparkline } from './histogram.js';
import { count, counted, percent, time } from './format.js';

const ROW = 36; // pixels; as in the style sheet
const SPARE = 8; // rows kept above and below what is seen

const timeOr = (f, nanos) => (Number(f.calls) === 0 ? '–' : time(nanos));
const shareCell = (app, f, share) => [bar(share, app.colours.of(f.index)), h('span', {}, percent(share))];

const COLUMNS = [
  { id: 'name', title: 'Function', order: (f) => f.name, first: 'up' },
  { id: 'self', title: 'Self', tip: 'Time in the function without the profiled functions it calls', order: (f) => f.self, cell: (app, f) => timeOr(f, f.self) },
  { id: 'selfshare', title: 'Self %', tip: 'Share of the time in profiled code, open scopes included', order: (f) => f.treeSelf, cell: (app, f) => shareCell(app, f, f.selfShare), kind: 'share' },
  { id: 'total', title: 'Total', tip: 'Time of completed calls, with what they call; recursion counts once', order: (f) => f.total, cell: (app, f) => timeOr(f, f.total) },
  { id: 'share', title: 'Total %', tip: 'Share of the time in profiled code, open scopes included', order: (f) => f.treeTotal, cell: (app, f) => shareCell(app, f, f.share), kind: 'share' },
  { id: 'calls', title: 'Calls', order: (f) => Number(f.calls), cell: (app, f) => count(f.calls) },
  { id: 'spread', title: 'Distribution', tip: 'Durations on a logarithmic axis of each function’s own; sorted by the slowest call over the median', order: (f) => (f.p50 > 0 ? f.max / f.p50 : 0), cell: (app, f) => sparkline(f, app.model.tick), kind: 'spark' },
  { id: 'mean', title: 'Mean', order: (f) => f.mean, cell: (app, f) => timeOr(f, f.mean) },
  { id: 'p50', title: 'p50', tip: 'Median', order: (f) => f.p50, cell: (app, f) => timeOr(f, f.p50) },
  { id: 'p90', title: 'p90', order: (f) => f.p90, cell: (app, f) => timeOr(f, f.p90) },
  { id: 'p99', title: 'p99', order: (f) => f.p99, cell: (app, f) => timeOr(f, f.p99) },
  { id: 'p999', title: 'p99.9', order: (f) => f.p999, cell: (app, f) => timeOr(f, f.p999) },
  { id: 'max', title: 'Max', order: (f) => f.max, cell: (app, f) => timeOr(f, f.max) },
];

export function functionTable(app) {
  const { model } = app;
  let rows = [];
  let drawn = '';
  const search = h('input', {
    type: 'search', placeholder: 'Filter functions', 'aria-label': 'Filter functions by name', spellcheck: 'false', autocomplete: 'off', class: 'search',
    oninput: () => app.go({ filter: search.value }, { replace: true }),
  });
  const found = h('span', { class: 'muted', role: 'status' });
  const heads = COLUMNS.map((column) => h('th', { scope: 'col', class: column.kind ?? (column.id === 'name' ? 'name-cell' : '') },
    h('button', { type: 'button', title: column.tip, onclick: () => sortBy(column) }, h('span', { class: 'arrow', 'aria-hidden': 'true' }), column.title)));
  const above = h('tr', { 'aria-hidden': 'true', class: 'spacer' }, h('td', { colspan: COLUMNS.length }));
  const below = h('tr', { 'aria-hidden': 'true', class: 'spacer' }, h('td', { colspan: COLUMNS.length }));
  const body = h('tbody', {});
  const table = h('table', { class: 'functions' }, h('caption', { class: 'visually-hidden' }, 'All functions'), h('thead', {}, h('tr', {}, heads)), body);
  const nothing = h('p', { class: 'nothing muted', hidden: true });
  const scroller = h('div', { class: 'table-scroller', tabindex: '-1' }, table, nothing);
  const element = h('div', { class: 'fill functions-view' },
    h('h2', { class: 'visually-hidden' }, 'Functions'),
    h('div', { class: 'toolbar' }, search, found), scroller);

  function sortBy(column) {
    const { sort, order } = app.state;
    const first = column.first ?? 'down';
    app.go({ sort: column.id, order: sort === column.id ? (order === 'down' ? 'up' : 'down') : first }, { replace: true });
  }

  function row(f, index) {
    const cells = COLUMNS.slice(1).map((column) => h('td', { class: column.kind }, column.cell(app, f)));
    return h('tr', { 'data-fn': f.index, 'aria-rowindex': index + 2, onclick: (event) => { if (!event.target.closest('a')) app.pick(f.index); } },
      h('th', { scope: 'row', class: 'name-cell' },
        h('div', { class: 'name-line' }, functionLink(app, f.index),
          f.isAsync ? h('span', { class: 'badge' }, 'async') : null,
          f.open > 0 ? h('span', { class: 'badge live', title: counted(f.open, 'scope') + ' open when the report was taken' }, 'running') : null,
          Number(f.panicked) > 0 ? h('span', { class: 'badge bad', title: `${counted(f.panicked, 'call')} panicked` }, 'panics') : null)), cells);
  }

  // Only the rows in sight are elements: there can be 65,536.
  function fill(force) {
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - SPARE);
    const last = Math.min(rows.length, Math.ceil((scroller.scrollTop + (scroller.clientHeight || innerHeight)) / ROW) + SPARE);
    const key = `${first} ${last}`;
    if (key === drawn && !force) return;
    drawn = key;
    const focused = document.activeElement?.closest?.('tbody') === body ? document.activeElement.dataset.fn : null;
    above.firstChild.style.height = `${first * ROW}px`;
    below.firstChild.style.height = `${(rows.length - last) * ROW}px`;
    body.replaceChildren(above, ...rows.slice(first, last).map((f, at) => row(f, first + at)), below);
    if (focused) body.querySelector(`a[data-fn="${focused}"]`)?.focus({ preventScroll: true });
    app.light(body);
  }

  scroller.addEventListener('scroll', () => fill(false), { passive: true });
  new ResizeObserver(() => fill(false)).observe(scroller);
  // Up and down go from function to function, space picks one.
  table.addEventListener('keydown', (event) => {
    const link = event.target.closest?.('a[data-fn]');
    if (!link) return;
    const at = rows.findIndex((f) => f.index === Number(link.dataset.fn));
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === ' ') app.pick(rows[at].index);
    else if (step === undefined) return;
    else {
      const to = Math.max(0, Math.min(rows.length - 1, at + step));
      const top = to * ROW;
      if (top < scroller.scrollTop) scroller.scrollTop = top;
      else if (top + 2 * ROW > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + 2 * ROW - scroller.clientHeight;
      fill(true);
      body.querySelector(`a[data-fn="${rows[to].index}"]`)?.focus({ preventScroll: true });
    }
    event.preventDefault();
  });

  let shown = '';
  return {
    element,
    search,
    show(state) {
      if (search.value !== state.filter) search.value = state.filter;
      const key = [state.filter, state.sort, state.order].join('\n');
      if (key === shown) { app.light(body); return; }
      shown = key;
      const column = COLUMNS.find((column) => column.id === state.sort) ?? COLUMNS[1];
      const words = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
      const sign = state.order === 'up' ? 1 : -1;
      rows = model.functions.filter((f) => words.every((word) => f.name.toLowerCase().includes(word)));
      rows.sort((left, right) => {
        const [a, b] = [column.order(left), column.order(right)];
        return a < b ? -sign : a > b ? sign : left.index - right.index;
      });
      heads.forEach((head, index) => head.setAttribute('aria-sort', COLUMNS[index] === column ? (sign > 0 ? 'ascending' : 'descending') : 'none'));
      table.setAttribute('aria-rowcount', rows.length + 1);
      found.textContent = words.length === 0 ? counted(rows.length, 'function') : `${count(rows.length)} of ${counted(model.functions.length, 'function')}`;
      nothing.hidden = rows.length > 0;
      nothing.textContent = model.functions.length === 0 ? 'No function was recorded.' : 'No function has that in its name.';
      scroller.scrollTop = 0;
      fill(true);
    },
  };
}
