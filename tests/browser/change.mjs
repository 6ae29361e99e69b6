// A page that compares two reports: its figures, signs and colours.
import { Facts, close } from './facts.mjs';

export async function change({ page, facts, expect, format }) {
  const earlier = new Facts(facts.before);
  const was = (name) => facts.before.functions.find((it) => it.name === name);
  const place = (of, name) => of.report.functions.findIndex((it) => it.name === name);
  const selfOf = (of, name) => of.report.paths.reduce((sum, [, fn], path) => (fn === place(of, name) ? sum + of.self[path] : sum), 0);
  const overview = await page.locator('.facts').innerText();
  expect(overview.includes(format.change(earlier.whole, facts.whole)) && overview.includes(format.changeShare(earlier.whole, facts.whole)), `the change of all: ${overview}`);

  // The overview: what changed, by self time, each once and on its side.
  const names = [...facts.report.functions, ...facts.gone].map(({ name }) => name);
  for (const [list, sign] of [[0, 1], [1, -1]]) {
    const wanted = names.map((name) => [name, selfOf(earlier, name), selfOf(facts, name)]).filter(([, before, now]) => (now - before) * sign > 0)
      .sort((left, right) => (right[2] - right[1] - left[2] + left[1]) * sign).slice(0, 8);
    const rows = await page.locator('.changes .column, .changes .columns > div').nth(list).locator('li').allInnerTexts();
    expect(rows.length === wanted.length, `${rows.length} rows of ${sign > 0 ? 'slower' : 'faster'} functions, not ${wanted.length}`);
    wanted.forEach(([name, before, now], row) => expect(rows[row]?.replace(/\s/g, '').includes(`${name}${format.change(before, now)}${format.changeShare(before, now)}`.replace(/\s/g, '')), `${name}: ${rows[row]}`));
  }

  // The table: each function's time, the earlier one, the change; the slowest change first.
  await page.keyboard.press('2');
  await page.waitForTimeout(100);
  const rows = await page.evaluate(() => [...document.querySelectorAll('.functions tbody tr[data-fn]')].map((row) => (
    { fn: Number(row.dataset.fn), cells: [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, ' ').trim()) })));
  let last = Infinity;
  for (const { fn, cells } of rows) {
    const name = names[fn];
    const [before, now] = [was(name)?.nanos.self ?? 0, facts.report.functions[fn]?.nanos.self ?? 0];
    expect(cells[2] === (before > 0 ? format.time(before) : '–'), `${name}: before ${cells[2]}, not ${format.time(before)}`);
    expect(cells[3] === `${format.change(before, now)} ${format.changeShare(before, now)}`, `${name}: change ${cells[3]}`);
    expect(now - before <= last * (1 + 1e-9) + 1e-6, `${name} stands too low`);
    last = now - before;
  }
  expect(rows.length === names.length || names.length > 30, `${rows.length} rows, not ${names.length}`);

  // The flame graph: both times of every frame; widths of either report; slower and faster on either side of grey.
  for (const [width, shown, other] of [['', facts, earlier], ['before', earlier, facts]]) {
    for (const invert of ['', 'callers']) {
      await page.evaluate(([width, invert]) => window.perprovis.go({ view: 'flame', width, invert, zoom: '' }), [width, invert]);
      await page.waitForTimeout(100);
      const sums = await page.evaluate(() => {
        const { tree } = window.perprovis.view('flame').inside();
        const top = tree.children(tree.root);
        return [top.reduce((sum, { total }) => sum + total, 0), top.reduce((sum, { other }) => sum + other, 0)];
      });
      expect(close(sums[0], shown.whole) && close(sums[1], other.whole), `${width} ${invert}: ${sums}, not ${[shown.whole, other.whole]}`);
    }
  }
  await page.evaluate(() => window.perprovis.go({ view: 'flame', width: '', invert: 'callers', zoom: '' }));
  await page.waitForTimeout(150);
  const frames = await page.evaluate(() => window.perprovis.view('flame').frames().filter(({ depth }) => depth === 1));
  for (const { name, fill, total } of frames.filter(({ right, left }) => right - left > 4)) {
    const before = selfOf(earlier, name);
    const [red, , blue] = [1, 3, 5].map((at) => parseInt(fill.slice(at, at + 2), 16));
    const by = total / (before || 1e-9) - 1;
    expect(Math.abs(by) < 0.01 || (by > 0 ? red > blue + 20 : blue > red), `${name}: ${fill} for ${format.changeShare(before, total)}`);
  }

  // The page of each function, one that is gone and one that is new included.
  for (const [fn, name] of names.entries()) {
    await page.evaluate((fn) => window.perprovis.go({ view: 'function', fn }), fn);
    const said = await page.locator('[data-before=self]').innerText();
    const [before, now] = [was(name)?.nanos.self ?? 0, facts.report.functions[fn]?.nanos.self ?? 0];
    expect(said.includes(was(name) ? `before ${format.time(before)}` : 'never called') && said.includes(format.change(before, now)), `${name}: ${said}`);
    const callers = await page.locator('.function-page .neighbours').first().locator('tbody tr').count();
    expect(callers >= 1, `${name} has callers in one of the reports`);
  }
}
change.compares = true;
