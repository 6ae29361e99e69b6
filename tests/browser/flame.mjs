// The flame graph: its sums, and what clicks and keys do.
import { close } from './facts.mjs';

// The law of every flame graph: the roots come to the profiled time, children never exceed their parent, self time is the rest.
export async function flameSums({ page, facts, expect }) {
  const { report } = facts;
  if (facts.saturated) return; // sums that do not fit 64 bits are no sums any more
  const trees = [['-1', facts.whole], ...report.threads.slice(0, 6).map((_, index) => [String(index), facts.ofThread(index)])];
  for (const invert of ['', 'callers']) {
    for (const [thread, whole] of trees) {
      await page.evaluate(([thread, invert]) => window.perprovis.go({ view: 'flame', thread, invert, zoom: '' }), [thread, invert]);
      const found = await page.evaluate(([invert]) => {
        const { tree } = window.perprovis.view('flame').inside();
        const result = { roots: tree.children(tree.root).reduce((sum, { total }) => sum + total, 0), nodes: 0, wrong: [] };
        const waiting = [...tree.children(tree.root)];
        while (waiting.length > 0 && result.nodes < 30000) {
          const node = waiting.pop();
          result.nodes++;
          const children = tree.children(node);
          const below = children.reduce((sum, { total }) => sum + total, 0);
          if (!(node.total >= 0 && node.self >= 0)) result.wrong.push(`weight ${node.total}, self ${node.self}`);
          if (below > node.total * (1 + 1e-9) + 1e-6) result.wrong.push(`children ${below} of ${node.total}`);
          if (!invert && Math.abs(below + node.self - node.total) > node.total * 1e-9 + 1e-6 && node.fn >= 0) result.wrong.push(`self ${node.self} and children ${below} make ${node.total}`);
          waiting.push(...children);
        }
        return result;
      }, [invert]);
      expect(close(found.roots, whole), `${invert || 'callees'} of thread ${thread}: roots come to ${found.roots}, not ${whole}`);
      expect(found.wrong.length === 0, `${invert || 'callees'} of thread ${thread}: ${found.wrong.slice(0, 3).join('; ')}`);
    }
  }
}

const frames = (page) => page.evaluate(() => {
  const { left, top } = document.querySelector('.flame-scroller canvas').getBoundingClientRect();
  return window.perprovis.view('flame').frames().map((frame) => ({ ...frame, x: left + (frame.left + frame.right) / 2, y: top + frame.y, wide: frame.right - frame.left }));
});

export async function flameGraph({ page, facts, expect, format }) {
  await page.keyboard.press('3');
  await page.waitForTimeout(150);
  if (facts.whole === 0) {
    expect(await page.locator('.flame-view .nothing').isVisible(), 'an empty flame graph says so');
    return;
  }
  const all = await frames(page);
  expect(all.length > 1 && close(all[0].total, facts.whole), 'the first frame is everything');
  // Zoom into the deepest one in sight.
  const { height } = await page.locator('.flame-scroller').boundingBox();
  const target = all.filter(({ depth, wide, right, name }) => depth >= 1 && wide > 4 && right > 4 && name !== null && depth * 22 < height - 30).sort((left, right) => right.depth - left.depth || right.wide - left.wide)[0];
  await page.mouse.move(target.x, target.y);
  await page.waitForTimeout(60);
  const tip = await page.locator('.tooltip').innerText();
  expect(tip.includes(format.time(target.total)) && tip.includes(format.time(target.self)), `tooltip: ${tip}`);
  await page.mouse.click(target.x, target.y);
  await page.waitForTimeout(120);
  const zoomed = (await frames(page)).find(({ name, depth, total }) => name === target.name && depth === target.depth && total === target.total);
  const width = await page.evaluate(() => document.querySelector('.flame-scroller').clientWidth);
  expect(zoomed && zoomed.left === 0 && close(zoomed.right, width, 1e-3), `a click zooms: ${JSON.stringify(zoomed)}`);
  if (target.name !== null) expect(await page.evaluate(() => window.perprovis.model.functions[window.perprovis.state.fn].name) === target.name, 'and picks');
  await page.locator('.flame-view button', { hasText: 'Reset zoom' }).click();
  await page.waitForTimeout(120);
  expect((await frames(page)).length === all.length, 'reset shows everything again');
  // Search: the share of the time in which a match was on the stack.
  const { name } = facts.report.functions[facts.hot()];
  const words = name.trim().toLowerCase().split(/\s+/);
  const share = facts.timeIn((fn) => words.every((word) => facts.report.functions[fn].name.toLowerCase().includes(word))) / facts.whole;
  await page.keyboard.press('/');
  await page.keyboard.insertText(name.trim());
  await page.waitForTimeout(80);
  const said = await page.locator('.matches').innerText();
  expect(said.includes(`${format.percent(share)} of the time`), `search ${JSON.stringify(name)}: ${said}, not ${format.percent(share)}`);
  await page.locator('.flame-view button', { hasText: 'Callers' }).click();
  await page.waitForTimeout(100);
  expect(await page.locator('.matches').innerText() === said, 'the share is the same upside down');
  await page.locator('.flame-view button', { hasText: 'Callees' }).click();
  // Self instead of total: in frames, and in the share of the matches.
  await page.locator('.flame-view button', { hasText: 'Self' }).click();
  await page.waitForTimeout(80);
  const matched = (fn) => words.every((word) => facts.report.functions[fn].name.toLowerCase().includes(word));
  const cut = words.every((word) => '[truncated]'.includes(word));
  const own = facts.report.paths.reduce((sum, [, fn], path) => sum + (matched(fn) ? facts.self[path] : 0) + (cut ? facts.cut[path] : 0), 0) / facts.whole;
  const saidSelf = await page.locator('.matches').innerText();
  expect(facts.saturated || saidSelf.includes(`${format.percent(own)} of the self time`), `search by self time: ${saidSelf}, not ${format.percent(own)}`);
  expect(page.url().includes('measure=self'), 'the address says so');
  await page.locator('.flame-view button', { hasText: 'Total' }).click();
}

// A function has its colour everywhere; beside its caller or its neighbour at most another shade of it, told apart by
// every kind of colour vision.
export async function flameColours({ page, facts, expect, vision }) {
  if (facts.whole === 0) return;
  await page.evaluate(() => window.perprovis.go({ view: 'flame', heat: 'name' }));
  await page.waitForTimeout(150);
  const drawn = await page.evaluate(() => {
    const { tree } = window.perprovis.view('flame').inside();
    const drawn = [];
    const waiting = [tree.root];
    while (waiting.length > 0) {
      const node = waiting.pop();
      let beside = null;
      for (const child of node.children ?? []) {
        if (!child.fill) continue;
        drawn.push([child, node, beside].map((it) => (it?.fill ? { fn: it.fn, fill: it.fill } : null)));
        beside = child;
        waiting.push(child);
      }
    }
    return drawn.slice(0, 20000);
  });
  expect(drawn.length > 0, 'frames have colours');
  let alike = 0;
  for (const [it, ...near] of drawn) alike += near.some((other) => other && other.fn !== it.fn && vision.looksAlike(it.fill, other.fill)) ? 1 : 0;
  expect(alike <= drawn.length / 200, `${alike} of ${drawn.length} frames look like their neighbour`);
}

export async function flameKeys({ page, facts, expect }) {
  if (facts.whole === 0) return;
  await page.keyboard.press('3');
  await page.locator('.flame-scroller canvas').focus();
  const focus = () => page.evaluate(() => { const { focus, zoomed } = window.perprovis.view('flame').inside(); return { focus: focus?.id, depth: focus?.depth, zoomed: zoomed.id }; });
  await page.keyboard.press('ArrowDown');
  const down = await focus();
  expect(down.depth === 0, `arrow down: ${JSON.stringify(down)}`);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(80);
  expect((await focus()).zoomed === down.focus, 'Enter zooms in');
  await page.keyboard.press('Escape');
  await page.waitForTimeout(80);
  expect((await focus()).zoomed === '', 'Escape zooms out');
  expect((await page.locator('.info').innerText()).length > 5, 'the line above says what the keyboard is on');
}
