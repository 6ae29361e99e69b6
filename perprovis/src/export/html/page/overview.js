// The first view: how long, how much, what is hot, what is missing.
import { bar, changeOf, functionLink, h, swatch } from './dom.js';
import { callItem } from './calls.js';
import { change, clip, count, counted, percent, time, visible } from './format.js';

const HOT = 12;
const SLOWEST = 12;
const CHANGED = 8;
const LISTED = 40; // threads, open scopes
const COSTLY = 0.1; // from this share of the time on the cost of profiling is worth a warning

export function profilingCost({ overhead, functions, whole }) {
  // A call of an async function is measured once per poll.
  const measured = functions.reduce((sum, f) => sum + Math.max(Number(f.calls), Number(f.polls)), 0);
  const each = overhead.inside + overhead.outside;
  return { each, all: each * measured, share: whole > 0 ? (each * measured) / whole : 0 };
}

// What a limit or the profiler itself did to the numbers, in plain words, and what to do about it.
function notes(model) {
  const { dropped } = model;
  const cost = profilingCost(model);
  const notes = [];
  if (cost.share >= COSTLY) {
    notes.push(`Profiling itself is about ${(cost.share * 100).toFixed(0)}% of the time in profiled code, most of it where small `
      + 'functions are called often. Report::compensated() subtracts it.');
  }
  if (dropped.log > 0) {
    notes.push(`The call log holds ${counted(model.logged, 'call')} and dropped ${counted(dropped.log, 'call')}. The timeline lacks `
      + 'those; all statistics are exact. For a larger one raise calls_per_thread or calls_in_all of Profiler::builder().');
  }
  if (dropped.truncated > 0) {
    notes.push(`${counted(dropped.truncated, 'call')} lay deeper, or on more call paths, than the call tree holds: they stand under `
      + '[truncated] there, and are exact in the table. For a larger tree raise depth or call_paths of Profiler::builder().');
  }
  if (dropped.unnamed > 0) {
    notes.push(`${counted(dropped.unnamed, 'call')} had names beyond the limit and stand under [other]. Use fewer distinct names, or `
      + 'raise names of Profiler::builder().');
  }
  if (dropped.unrecorded > 0) {
    notes.push(`${counted(dropped.unrecorded, 'call')} could not be recorded and are in no number here: they were made while their `
      + 'thread was ending, or from inside the profiler. Do not profile the memory allocator or destructors of thread-locals.');
  }
  return notes;
}

function fact(title, value, detail, id, since) {
  return h('div', { class: 'fact' }, h('dt', {}, title), h('dd', { id }, value), h('dd', { class: 'fact-detail' }, detail),
    since ? h('dd', { class: 'fact-since' }, since) : null);
}

function facts(model) {
  const calls = model.functions.reduce((sum, f) => sum + BigInt(f.calls), 0n);
  const threads = model.threads.filter((info) => info.state !== 'logged').length;
  const all = BigInt(threads) + BigInt(model.mergedThreads);
  const running = model.threads.filter((info) => info.state === 'running').length;
  const cost = profilingCost(model);
  const { before } = model;
  const muted = (text) => h('span', { class: 'muted' }, text);
  const since = (was, now) => before && [muted(`before ${time(was)} `), changeOf(was, now)];
  const callsBefore = before && model.functions.reduce((sum, f) => sum + BigInt(f.before?.calls ?? 0), 0n);
  const [gone, fresh] = [model.functions.length - model.recorded, model.functions.filter((f) => !f.before).length];
  return h('dl', { class: 'facts' },
    fact('Run time', time(model.runTime), model.sources > 0 ? `the longest of ${counted(model.sources, 'run')}` : 'from start to report', 'fact-run', since(before?.runTime, model.runTime)),
    fact('In profiled code', time(model.whole), model.runTime > 0 && model.sources === 0 ? `${(model.whole / model.runTime).toFixed(2)} × the run time` : 'over all threads', 'fact-whole', since(before?.whole, model.whole)),
    fact('Calls', count(calls), `median ${time(model.summary.median)}`, 'fact-calls', before && muted(`before ${count(callsBefore)}`)),
    fact('Functions', count(model.recorded), counted(model.open().length, 'open scope'), 'fact-functions', before && muted(`${count(fresh)} new, ${count(gone)} gone`)),
    fact('Threads', count(all), all === 0n ? 'that recorded something' : all === BigInt(running) ? 'all running' : `${count(running)} still running`, 'fact-threads', before && muted(`before ${count(before.threads)}`)),
    cost.each > 0
      ? fact('Cost of profiling', percent(cost.share), `${time(cost.each)} a call, ${time(cost.all)} in all`, 'fact-cost')
      : fact('Cost of profiling', 'none', 'not in these numbers', 'fact-cost'));
}

function hot(app) {
  const { model } = app;
  const sorted = model.functions.filter((f) => f.treeSelf > 0).sort((left, right) => right.treeSelf - left.treeSelf);
  const shown = sorted.slice(0, HOT);
  const rest = sorted.slice(HOT);
  const others = rest.reduce((sum, f) => sum + f.treeSelf, 0);
  const cut = model.whole - sorted.reduce((sum, f) => sum + f.treeSelf, 0);
  const part = (fn, share) => (share > 0 ? h('span', { style: { width: `${share * 100}%`, 'background-color': app.colours.of(fn) }, 'data-fn': fn }) : null);
  return h('section', { class: 'card hot', 'aria-labelledby': 'hot-title' },
    h('h2', { id: 'hot-title' }, 'Where the time goes'),
    h('p', { class: 'muted' }, 'Self time: what a function takes without the profiled functions it calls.'),
    h('div', { class: 'stack-bar', 'aria-hidden': 'true' },
      shown.map((f) => part(f.index, f.selfShare)), part(-1, (others + Math.max(0, cut)) / (model.whole || 1))),
    h('ol', { class: 'hot-list' },
      shown.map((f) => h('li', { 'data-fn': f.index },
        functionLink(app, f.index), h('span', { class: 'number' }, time(f.treeSelf)), bar(f.selfShare, app.colours.of(f.index)),
        h('span', { class: 'number strong' }, percent(f.selfShare)))),
      rest.length > 0 ? h('li', {}, h('span', { class: 'fn' }, swatch(app, -1), h('a', { class: 'name', href: app.href({ view: 'functions' }) }, counted(rest.length, 'other'))),
        h('span', { class: 'number' }, time(others)), bar(others / model.whole, app.colours.of(-1)), h('span', { class: 'number strong' }, percent(others / model.whole))) : null,
      // Less is the rounding of the sums.
      cut > model.whole * 1e-9 ? h('li', {}, functionLink(app, -1), h('span', { class: 'number' }, time(cut)), bar(cut / model.whole, app.colours.of(-1)),
        h('span', { class: 'number strong' }, percent(cut / model.whole))) : null));
}

// What got slower and what got faster, by self time, which counts nothing twice.
function changes(app) {
  const { model } = app;
  if (!model.before) return null;
  const all = model.functions.map((f) => ({ f, before: f.before?.treeSelf ?? 0, by: f.treeSelf - (f.before?.treeSelf ?? 0) })).filter(({ by }) => by !== 0);
  const most = Math.max(1e-9, ...all.map(({ by }) => Math.abs(by)));
  const list = (title, sign) => {
    const rows = all.filter(({ by }) => by * sign > 0).sort((left, right) => (right.by - left.by) * sign);
    const sum = rows.reduce((sum, { by }) => sum + by, 0);
    return h('div', {}, h('h3', {}, title, rows.length > 0 ? h('span', { class: sign > 0 ? 'slower' : 'faster' }, ` ${change(0, sum)}`) : null),
      rows.length === 0 ? h('p', { class: 'muted' }, 'None.') : h('ol', { class: 'change-list' }, rows.slice(0, CHANGED).map(({ f, before, by }) => h('li', { 'data-fn': f.index },
        functionLink(app, f.index), bar(Math.abs(by) / most, `var(--${sign > 0 ? 'slower' : 'faster'}-bar)`), changeOf(before, f.treeSelf)))),
      rows.length > CHANGED ? h('p', {}, h('a', { href: app.href({ view: 'functions', sort: 'change-self', order: sign > 0 ? 'down' : 'up' }) }, `${count(rows.length - CHANGED)} more`)) : null);
  };
  return h('section', { class: 'card changes', 'aria-labelledby': 'changes-title' },
    h('h2', { id: 'changes-title' }, 'What changed'),
    h('p', { class: 'muted' }, 'Self time against the earlier report, as measured, not scaled.'),
    h('div', { class: 'columns' }, list('Slower', 1), list('Faster', -1)));
}

function threads(app) {
  const { model } = app;
  const longest = Math.max(model.runTime, ...model.threads.map((info) => info.time), 1e-9);
  const listed = model.threads.map((info, thread) => ({ ...info, thread })).filter((info) => info.state !== 'logged');
  const shown = listed.sort((left, right) => right.time - left.time).slice(0, LISTED);
  const known = listed.reduce((sum, info) => sum + info.time, 0);
  return h('section', { class: 'card', 'aria-labelledby': 'threads-title' },
    h('h2', { id: 'threads-title' }, 'Threads'),
    h('p', { class: 'muted' }, model.sources > 0 ? 'Time in profiled code, beside the longest run.' : 'Time in profiled code, beside the run time.'),
    h('ul', { class: 'thread-list' },
      shown.map((info) => h('li', {},
        h('a', { class: 'name', href: app.href({ view: 'flame', thread: String(info.thread) }) }, visible(clip(model.threadName(info.thread), 60))),
        info.state === 'exited' ? h('span', { class: 'badge' }, 'exited') : h('span', {}),
        h('span', { class: 'number' }, time(info.time)), bar(info.time / longest),
        h('span', { class: 'number strong' }, model.runTime > 0 ? percent(info.time / model.runTime) : ''))),
      listed.length > shown.length ? h('li', { class: 'muted' }, `… ${listed.length - shown.length} more`) : null,
      model.mergedThreads > 0 ? h('li', {},
        h('span', { class: 'name' }, `${counted(model.mergedThreads, 'exited thread')}, merged`), h('span', {}),
        h('span', { class: 'number' }, time(Math.max(0, model.whole - known))), bar(0), h('span', {})) : null));
}

function slowest(app) {
  const calls = app.model.slowest().flat().sort((left, right) => right.duration - left.duration || left.start - right.start).slice(0, SLOWEST);
  return h('section', { class: 'card', 'aria-labelledby': 'slowest-title' },
    h('h2', { id: 'slowest-title' }, 'Slowest calls'),
    calls.length === 0 ? h('p', { class: 'muted' }, 'No call has completed yet.')
      : h('div', { class: 'call-list' }, calls.map((call) => callItem(app, call, { named: true }))));
}

function running(app) {
  const open = app.model.open();
  if (open.length === 0) return null;
  const { fn, depth } = app.model.paths();
  return h('section', { class: 'card', 'aria-labelledby': 'open-title' },
    h('h2', { id: 'open-title' }, 'Running when the report was taken'),
    h('ul', { class: 'open-list' }, open.slice(0, LISTED).map((scope) => h('li', {},
      h('span', { class: 'open-name', style: { 'padding-left': `${Math.min(depth[scope.path], 8) * 12}px` } }, functionLink(app, fn[scope.path])),
      h('span', { class: 'muted' }, visible(clip(app.model.threadName(scope.thread), 24))),
      h('span', { class: 'number strong' }, time(scope.elapsed)))),
    open.length > LISTED ? h('li', { class: 'muted' }, `… ${open.length - LISTED} more`) : null));
}

export function overview(app) {
  const { model } = app;
  const messages = notes(model);
  const element = h('div', { class: 'page overview' },
    h('h2', { class: 'visually-hidden' }, 'Overview'),
    facts(model),
    changes(app),
    messages.length > 0 ? h('ul', { class: 'notes', 'aria-label': 'What to know about these numbers' }, messages.map((note) => h('li', {}, note))) : null,
    model.functions.length === 0
      ? h('section', { class: 'card empty' },
        h('h2', {}, 'Nothing was recorded'),
        h('p', {}, 'No profiled function was called. Put #[profile] on one, switch on the feature “enable”, and see that the profiler is enabled while the program runs.'))
      : h('div', { class: 'columns' },
        h('div', { class: 'column' }, hot(app), threads(app)),
        h('div', { class: 'column' }, slowest(app), running(app))),
    h('p', { class: 'measured muted' }, `Clock: ${model.clock.source}, ${time(model.clock.tick)} a tick. `,
      model.overhead.inside + model.overhead.outside > 0
        ? `Profiling a call costs ${time(model.overhead.inside)} within its time and ${time(model.overhead.outside)} beside it.` : 'The cost of profiling is not in these numbers.'));
  return { element, show: () => app.light(element) };
}
