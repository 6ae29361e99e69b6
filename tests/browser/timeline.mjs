// The timeline: what is in its lanes, zoom, pan, tooltips, keys.
import { close } from './facts.mjs';

// Every logged call and every open scope is in one row, and none overlaps another there.
export async function timelineRows({ page, facts, expect }) {
  const { report } = facts;
  await page.keyboard.press('4');
  await page.waitForTimeout(200);
  const found = await page.evaluate(() => {
    const { lanes } = window.perprovis.view('timeline').inside();
    const result = { items: 0, overlaps: 0, threads: [] };
    for (const lane of lanes.lanes) {
      for (const { items } of lane.rows) {
        result.items += items.length;
        for (let at = 1; at < items.length; at++) {
          if (!lane.over && lanes.start[items[at]] < lanes.end[items[at - 1]]) result.overlaps++;
        }
      }
      result.threads.push([window.perprovis.model.threads[lane.thread].id, lane.count]);
    }
    result.openEnds = Array.from(lanes.end.subarray(lanes.calls));
    return result;
  });
  expect(found.items === report.calls.length + report.open.length, `${found.items} items, not ${report.calls.length} calls and ${report.open.length} open scopes`);
  expect(found.overlaps === 0, `${found.overlaps} calls overlap another in their row`);
  report.open.forEach(([thread, , since], index) => {
    const end = Math.max(facts.endOf(thread), since) * facts.tick;
    expect(close(found.openEnds[index], end), `open scope ${index} of thread ${thread} goes to ${found.openEnds[index]}, not ${end}`);
  });
  const perThread = new Map();
  for (const [thread] of [...report.calls, ...report.open]) perThread.set(String(thread), (perThread.get(String(thread)) ?? 0) + 1);
  for (const [id, count] of found.threads) expect(perThread.get(id) === count || Number(id) > Number.MAX_SAFE_INTEGER, `thread ${id}: ${count} items, not ${perThread.get(id)}`);
}

export async function timeline({ page, facts, expect, format }) {
  const { report } = facts;
  await page.keyboard.press('4');
  await page.waitForTimeout(200);
  if (report.calls.length + report.open.length === 0) {
    expect(await page.locator('.timeline-view .nothing').isVisible(), 'an empty timeline says so');
    return;
  }
  const view = () => page.evaluate(() => window.perprovis.view('timeline').view());
  const whole = await view();
  const box = await page.locator('.lanes').boundingBox();
  await page.mouse.move(box.x + box.width / 4, box.y + 80);
  await page.mouse.wheel(0, -400);
  await page.waitForTimeout(60);
  const zoomed = await view();
  const at = ({ from, to }) => from + (to - from) / 4;
  expect(zoomed.to - zoomed.from < (whole.to - whole.from) * 0.9, 'the wheel zooms in');
  expect(close(at(zoomed), at(whole), 0.02), `what is below the pointer stays there: ${at(zoomed)}, ${at(whole)}`);
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 200, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.waitForTimeout(60);
  const panned = await view();
  const length = zoomed.to - zoomed.from;
  expect(close(panned.from - zoomed.from, Math.min((200 / box.width) * length, whole.to - zoomed.to), 0.03), `dragging pans by ${panned.from - zoomed.from}`);
  await page.waitForTimeout(300);
  expect(page.url().includes('from='), 'the address follows');
  await page.locator('.lanes canvas').focus();
  await page.keyboard.press('ArrowLeft');
  expect((await view()).from < panned.from || panned.from === 0, 'arrow left pans');
  await page.keyboard.press('+');
  expect((await view()).to - (await view()).from < length * 0.9, 'plus zooms in');
  await page.keyboard.press('0');
  await page.waitForTimeout(50);
  expect((await view()).to === whole.to, '0 shows everything');
  // With Shift, dragging measures a span and zooms into it.
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + 200, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 500, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await page.waitForTimeout(80);
  const span = await view();
  const part = (x) => whole.from + ((whole.to - whole.from) * x) / box.width;
  expect(close(span.from, part(200), 0.02) && close(span.to, part(500), 0.02), `a span of ${JSON.stringify(span)}, not ${part(200)} to ${part(500)}`);
  await page.keyboard.press('0');
  // One with metadata if there is one: its tooltip, then its details.
  if (report.calls.length === 0) return;
  const index = Math.max(0, report.calls.findIndex((call) => call.length > 6));
  const [, fn, , start, duration, , pairs] = report.calls[index];
  await page.evaluate(([from, to]) => window.perprovis.go({ from, to }), [Math.max(0, (start - duration) * facts.tick), (start + 2 * Math.max(duration, 1)) * facts.tick]);
  await page.evaluate((call) => window.perprovis.go({ call: String(call) }), index);
  await page.waitForTimeout(100);
  const place = await page.evaluate((index) => window.perprovis.view('timeline').place(index), index);
  await page.mouse.move(place.x, place.y);
  await page.waitForTimeout(80);
  const tip = await page.locator('.tooltip').innerText();
  expect(tip.includes(format.time(duration * facts.tick)), `tooltip of call ${index}: ${tip}`);
  for (const [key, value] of (pairs ?? []).slice(0, 8)) {
    const shown = typeof value === 'object' ? value.float : String(value);
    expect(tip.includes(`${format.visible(key)}=`.trim()) && (shown.length > 60 || Math.abs(Number(value)) > 1e15 || tip.includes(format.visible(shown).trim())), `tooltip lacks ${key}=${shown}: ${tip}`);
  }
  await page.mouse.click(place.x, place.y);
  await page.waitForTimeout(80);
  expect((await page.locator('.call-details').innerText()).includes(format.time(duration * facts.tick)), 'a click shows the details');
  expect(await page.evaluate(() => window.perprovis.state.fn) === fn, 'and picks the function');
  if (facts.logged[fn] > 1) {
    await page.locator('.lanes canvas').focus();
    await page.keyboard.press('n');
    const next = await page.evaluate(() => window.perprovis.state.call);
    await page.keyboard.press('p');
    const wanted = report.calls.findIndex((call, at) => at > index && call[1] === fn);
    expect(wanted < 0 || Number(next) === wanted, `n goes to ${next}, not ${wanted}`);
  }
}
