// The columns of the table of functions: what they show and sort by.
import { bar, changeOf, h } from './dom.js';
import { count, percent, time } from './format.js';
import { sparkline } from './histogram.js';

const timeOr = (f, nanos) => (Number(f.calls) === 0 ? '–' : time(nanos));
const shareCell = (app, f, share) => [bar(share, app.colours.of(f.index)), h('span', {}, percent(share))];
const of = (title, key, more = {}) => ({ id: key, title, order: (f) => f[key], cell: (app, f) => timeOr(f, f[key]), ...more });

const NAME = { id: 'name', title: 'Function', order: (f) => f.name, first: 'up' };
const SELF = of('Self', 'self', { tip: 'Time in the function without the profiled functions it calls' });
const TOTAL = of('Total', 'total', { tip: 'Time of completed calls, with what they call; recursion counts once' });
const CALLS = { id: 'calls', title: 'Calls', order: (f) => Number(f.calls), cell: (app, f) => count(f.calls) };
const SPREAD = {
  id: 'spread', title: 'Distribution', kind: 'spark', tip: 'Durations on a logarithmic axis of each function’s own; sorted by the slowest call over the median',
  order: (f) => (f.p50 > 0 ? f.max / f.p50 : 0), cell: (app, f) => sparkline(f, app.model.tick),
};
const MEAN = of('Mean', 'mean');
const PERCENTILES = [of('p50', 'p50', { tip: 'Median' }), of('p90', 'p90'), of('p99', 'p99'), of('p99.9', 'p999')];
const MAX = of('Max', 'max');
const SHARE = 'Share of the time in profiled code, open scopes included';

const ALONE = [
  NAME, SELF,
  { id: 'selfshare', title: 'Self %', tip: SHARE, order: (f) => f.treeSelf, cell: (app, f) => shareCell(app, f, f.selfShare), kind: 'share' },
  TOTAL,
  { id: 'share', title: 'Total %', tip: SHARE, order: (f) => f.treeTotal, cell: (app, f) => shareCell(app, f, f.share), kind: 'share' },
  CALLS, SPREAD, MEAN, ...PERCENTILES, MAX,
];

// What an earlier report has: its time, and the change since; sorted by the change, the slower first.
const was = (f, key) => Number(f.before?.[key] ?? 0);
const by = (title, key, tip) => [
  { id: `before-${key}`, title: 'Before', tip, order: (f) => was(f, key), cell: (app, f) => (f.before && Number(f.before.calls) > 0 ? time(was(f, key)) : '–') },
  { id: `change-${key}`, title: 'Change', tip: `${title}: sorted by the time, the slower first`, order: (f) => f[key] - was(f, key), cell: (app, f) => changeOf(was(f, key), f[key]), kind: 'change' },
];
const COMPARED = [
  NAME, SELF, ...by('Self time', 'self', 'Self time in the earlier report'), TOTAL, ...by('Total time', 'total', 'Total time in the earlier report'),
  CALLS, { id: 'before-calls', title: 'Before', tip: 'Calls in the earlier report', order: (f) => was(f, 'calls'), cell: (app, f) => count(f.before?.calls ?? 0) },
  SPREAD, MEAN, ...by('Mean', 'mean', 'Mean in the earlier report'), ...PERCENTILES.flatMap((column) => [column,
    { id: `change-${column.id}`, title: 'Change', tip: `${column.title} against the earlier report`, order: (f) => f[column.id] - was(f, column.id),
      cell: (app, f) => changeOf(was(f, column.id), f[column.id]), kind: 'change' }]), MAX,
];

// The columns, with the one that the table is sorted by unless asked otherwise.
export function columnsOf(model) {
  return model.before ? { columns: COMPARED, first: COMPARED[3] } : { columns: ALONE, first: SELF };
}
