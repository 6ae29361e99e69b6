// The table of all functions: sorted, filtered, and made of elements only as far as it is seen.
import { columnsOf } from './columns.js';
import { count, counted } from './format.js';
import { functionLink, h } from './dom.js';

const ROW = 36; // pixels; as in the style sheet
const SPARE = 8; // rows kept above and below what is seen

export function functionTable(app) {
  const { model } = app;
  const { columns, first: byDefault } = columnsOf(model);
  let rows = [];
  let drawn = '';
  let sorted = byDefault;
  const search = h('input', {
    type: 'search', placeholder: 'Filter functions', 'aria-label': 'Filter functions by name', spellcheck: 'false', autocomplete: 'off', class: 'search',
    oninput: () => app.go({ filter: search.value }, { replace: true }),
  });
  const countedAll = counted(model.functions.length, 'function');
  const found = h('span', { class: 'muted', role: 'status' });
  const heads = columns.map((column) => h('th', { scope: 'col', class: column.kind ?? (column.id === 'name' ? 'name-cell' : '') },
    h('button', { type: 'button', title: column.tip, onclick: () => sortBy(column) }, h('span', { class: 'arrow', 'aria-hidden': 'true' }), column.title)));
  const above = h('tr', { 'aria-hidden': 'true', class: 'spacer' }, h('td', { colspan: columns.length }));
  const below = h('tr', { 'aria-hidden': 'true', class: 'spacer' }, h('td', { colspan: columns.length }));
  const body = h('tbody', {});
  const table = h('table', { class: model.before ? 'functions compared' : 'functions' }, h('caption', { class: 'visually-hidden' }, 'All functions'), h('thead', {}, h('tr', {}, heads)), body);
  const nothing = h('p', { class: 'nothing muted', hidden: true });
  const scroller = h('div', { class: 'table-scroller', tabindex: '-1' }, table, nothing);
  const element = h('div', { class: 'fill functions-view' },
    h('h2', { class: 'visually-hidden' }, 'Functions'),
    h('div', { class: 'toolbar' }, search, found), scroller);

  function sortBy(column) {
    const { order } = app.state;
    const first = column.first ?? 'down';
    app.go({ sort: column.id, order: column === sorted ? (order === 'down' ? 'up' : 'down') : first }, { replace: true });
  }

  function row(f, index) {
    const cells = columns.slice(1).map((column) => h('td', { class: column.kind }, column.cell(app, f)));
    return h('tr', { 'data-fn': f.index, 'aria-rowindex': index + 2, onclick: (event) => { if (!event.target.closest('a')) app.pick(f.index); } },
      h('th', { scope: 'row', class: 'name-cell' },
        h('div', { class: 'name-line' }, functionLink(app, f.index),
          f.isGone ? h('span', { class: 'badge' }, 'gone') : model.before && !f.before ? h('span', { class: 'badge live' }, 'new') : null,
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
      const column = columns.find((column) => column.id === state.sort) ?? byDefault;
      sorted = column;
      const words = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
      const sign = state.order === 'up' ? 1 : -1;
      rows = model.functions.filter((f) => words.every((word) => f.name.toLowerCase().includes(word)));
      rows.sort((left, right) => {
        const [a, b] = [column.order(left), column.order(right)];
        return a < b ? -sign : a > b ? sign : left.index - right.index;
      });
      heads.forEach((head, index) => head.setAttribute('aria-sort', columns[index] === column ? (sign > 0 ? 'ascending' : 'descending') : 'none'));
      table.setAttribute('aria-rowcount', rows.length + 1);
      found.textContent = words.length === 0 ? countedAll : `${count(rows.length)} of ${countedAll}`;
      nothing.hidden = rows.length > 0;
      nothing.textContent = model.functions.length === 0 ? 'No function was recorded.' : 'No function has that in its name.';
      scroller.scrollTop = 0;
      fill(true);
    },
  };
}
