// The bars of a page with 1,000,000 calls: `node speed.mjs FILE.html`. Prints what it measured, fails past a bar.
//
// Machines are shared, so besides the wall clock it counts the CPU time of the page's own process, of which there is
// never more than the wall clock on a quiet machine. The bars hold for the smaller of the two.
import fs from 'node:fs';
import { launch, open } from './browser.mjs';

const BARS = { paintMs: 1000, interactiveMs: 1000, flameMs: 1000, timelineMs: 1000, frameMs: 100, bytes: 40e6 };
const ROUNDS = 3;

// Seconds of CPU that the process of a page has taken so far.
async function cpuSeconds(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return of('ProcessTime');
}

async function measure(browser, file) {
  const { page, context, wrong } = await open(browser, file, { hash: '', prepare: true });
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  const figures = {};
  const timed = async (name, work) => {
    const [since, cpu] = [performance.now(), await cpuSeconds(session)];
    await work();
    figures[name] = { wall: performance.now() - since, cpu: (await cpuSeconds(session) - cpu) * 1000 };
  };
  const shown = () => page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  // From navigation to the first paint with contents, and until the views answer.
  await timed('interactiveMs', async () => {
    await page.goto(page.fileUrl, { waitUntil: 'commit' });
    await page.waitForFunction(() => window.perprovis);
    await shown();
  });
  figures.paintMs = { ...figures.interactiveMs, wall: await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN) };
  await timed('flameMs', async () => { await page.keyboard.press('3'); await shown(); });
  await timed('timelineMs', async () => { await page.keyboard.press('4'); await shown(); });
  const box = await page.locator('.lanes').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 100);
  await timed('frameMs', async () => {
    for (let step = 0; step < 10; step++) { await page.mouse.wheel(0, -120); await shown(); }
  });
  for (const part of ['wall', 'cpu']) figures.frameMs[part] /= 10;
  await context.close();
  return { figures, wrong };
}

const [file] = process.argv.slice(2);
const browser = await launch();
const best = {};
const failed = [];
try {
  for (let round = 0; round < ROUNDS; round++) {
    const { figures, wrong } = await measure(browser, file);
    failed.push(...wrong);
    for (const [name, { wall, cpu }] of Object.entries(figures)) {
      best[name] = { wall: Math.min(best[name]?.wall ?? Infinity, wall), cpu: Math.min(best[name]?.cpu ?? Infinity, cpu) };
    }
  }
} finally {
  await browser.close();
}
for (const [name, { wall, cpu }] of Object.entries(best)) {
  const holds = Math.min(wall, cpu) <= BARS[name];
  console.log(`${holds ? 'ok  ' : 'FAIL'}  ${name}: ${wall.toFixed(0)} ms by the clock, ${cpu.toFixed(0)} of CPU; at most ${BARS[name]}`);
  if (!holds) failed.push(name);
}
const { size } = fs.statSync(file);
if (size > BARS.bytes) failed.push('bytes');
console.log(`${size > BARS.bytes ? 'FAIL' : 'ok  '}  ${(size / 1e6).toFixed(1)} MB; at most ${BARS.bytes / 1e6}`);
for (const it of failed) console.log(`        ${it}`);
process.exitCode = failed.length > 0 ? 1 : 0;
