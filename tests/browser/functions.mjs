// The table of functions and the page of one.
import { close } from './facts.mjs';

export async function functionTable({ page, facts, expect, format }) {
  const { functions } = facts.report;
  await page.keyboard.press('2');
  await page.waitForTimeout(150);
  if (functions.length === 0) {
    expect(await page.locator('.nothing').isVisible(), 'an empty table says so');
    return;
  }
  const rows = () => page.evaluate(() => [...document.querySelectorAll('.functions tbody tr[data-fn]')].map((row) => (
    { fn: Number(row.dataset.fn), cells: [...row.cells].map((cell) => cell.innerText.trim()) })));
  const heads = (await page.locator('.functions thead th').allInnerTexts()).map((title) => title.trim());
  const column = (title) => heads.indexOf(title);
  for (const { fn, cells } of await rows()) {
    if (fn >= functions.length) continue; // known from an earlier report alone
    const { name, count, nanos } = functions[fn];
    expect(cells[column('Calls')] === count.toLocaleString('en-US') || count > Number.MAX_SAFE_INTEGER, `${name}: ${cells[column('Calls')]} calls, not ${count}`);
    if (count === 0) continue;
    for (const [title, key] of [['Self', 'self'], ['Total', 'total'], ['Mean', 'mean'], ['p50', 'p50'], ['p90', 'p90'], ['p99', 'p99'], ['Max', 'max']]) {
      expect(cells[column(title)] === format.time(nanos[key]), `${name}: ${title} ${cells[column(title)]}, not ${format.time(nanos[key])}`);
    }
    if (!facts.before) expect(cells[column('Total %')] === format.percent(functions[fn].share), `${name}: share ${cells[column('Total %')]}`);
  }
  const sort = (title) => page.locator('.functions thead button', { hasText: new RegExp(`^${title.replace('.', '\\.')}$`) }).click();
  const at = (fn) => functions[fn] ?? { name: facts.gone[fn - functions.length].name, count: 0, nanos: {} }; // gone: zero
  const all = [...functions, ...facts.gone.map((_, index) => at(functions.length + index))];
  for (const [title, of] of [['Calls', ({ count }) => count], ['Max', ({ nanos }) => nanos.max], ['Total', ({ nanos }) => nanos.total], ['p90', ({ nanos }) => nanos.p90]]) {
    const value = (it) => of(it) ?? 0;
    const values = all.map(value).sort((left, right) => right - left);
    await sort(title);
    expect(value(at((await rows())[0].fn)) === values[0], `sorted by ${title}, the first is not the largest`);
    await sort(title);
    expect(value(at((await rows())[0].fn)) === values.at(-1), `sorted by ${title} upwards, the first is not the smallest`);
  }
  await sort('Function');
  expect(at((await rows())[0].fn).name === all.map(({ name }) => name).sort()[0], 'sorted by name');
  // Every row can be reached by scrolling, each once.
  const seen = new Set();
  for (let step = 0; step < (all.length > 500 ? 5 : 60); step++) {
    for (const { fn } of await rows()) seen.add(fn);
    if (seen.size === all.length) break;
    await page.evaluate(() => { document.querySelector('.table-scroller').scrollTop += 400; });
    await page.waitForTimeout(30);
  }
  expect(seen.size === all.length || all.length > 500, `${seen.size} of ${all.length} rows can be reached`);
  const fn = facts.hot();
  const word = functions[fn].name.trim().split(/\s+/)[0];
  await page.keyboard.press('/');
  await page.keyboard.type(word);
  await page.waitForTimeout(80);
  const wanted = all.filter(({ name }) => name.toLowerCase().includes(word.toLowerCase())).length;
  expect((await page.locator('.functions-view [role=status]').innerText()).startsWith(`${wanted.toLocaleString('en-US')} of `), `filter ${word}: ${await page.locator('.functions-view [role=status]').innerText()}`);
  // The keyboard alone: from row to row, pick, open.
  await page.locator('.functions tbody a').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press(' ');
  const first = (await rows())[0].fn;
  expect(await page.evaluate(() => window.perprovis.state.fn) === first, 'Space picks the row in focus');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(100);
  expect(await page.evaluate(() => window.perprovis.state.view) === 'function', 'Enter opens it');
}

// How many names of percentiles a mark goes through.
function struckThrough() {
  const boxes = (selector) => [...document.querySelectorAll(`.distribution ${selector}`)].map((it) => it.getBoundingClientRect());
  const marks = boxes('.mark');
  return boxes('.mark-name').filter((name) => marks.some((mark) => mark.left > name.left && mark.left < name.right && mark.top < name.bottom - 4)).length;
}

export async function functionPage({ page, facts, expect, format }) {
  const { functions } = facts.report;
  const checked = functions.map((_, fn) => fn).slice(0, 40);
  for (const fn of checked) {
    const { name, count, nanos, histogram, slowest, polls, busy } = functions[fn];
    await page.evaluate((fn) => window.perprovis.go({ view: 'function', fn }), fn);
    const stat = (key) => page.locator(`[data-stat=${key}]`).innerText();
    if (count <= Number.MAX_SAFE_INTEGER) expect(await stat('calls') === format.count(count), `${name}: calls ${await stat('calls')}`);
    if (count > 0) {
      for (const key of ['total', 'self', 'mean', 'min', 'max']) expect(await stat(key) === format.time(nanos[key]), `${name}: ${key} ${await stat(key)}, not ${format.time(nanos[key])}`);
    }
    if (polls > 0) expect((await stat('busy')).startsWith(format.time(busy * facts.tick)), `${name}: busy ${await stat('busy')}`);
    expect(await page.locator('.function-page .call').count() === slowest.length, `${name}: slowest calls`);
    const known = await page.evaluate((fn) => window.perprovis.model.functions[fn].buckets.map((pair) => pair.slice()), fn);
    expect(JSON.stringify(known) === JSON.stringify(histogram), `${name}: histogram`);
    expect(await page.evaluate(struckThrough) === 0, `${name}: a mark goes through the name of a percentile`);
  }
  // Callers, and callees with the function's own time, come to its time in the tree.
  const tree = functions.map((_, fn) => facts.timeIn((other) => other === fn));
  const sums = await page.evaluate(async () => {
    const app = window.perprovis;
    return app.model.functions.slice(0, Math.min(300, app.model.recorded)).map((f) => {
      const { callers, callees, self, total } = app.neighbours(f.index);
      const sum = (rows) => rows.reduce((sum, { time }) => sum + time, 0);
      return { callers: sum(callers), callees: sum(callees) + self, total, tree: f.treeTotal };
    });
  });
  if (facts.saturated) return; // sums that do not fit 64 bits are no sums any more
  sums.forEach((sum, fn) => {
    for (const key of ['callers', 'callees', 'total', 'tree']) expect(close(sum[key], tree[fn], 1e-7), `${functions[fn].name}: ${key} ${sum[key]}, not ${tree[fn]}`);
  });
}
