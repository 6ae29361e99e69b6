// Drives HTML reports in Chromium and holds what they show against the JSON of the same report:
//
//     node run.mjs FILE.html...        with FILE.json beside each, and FILE.before.json if it compares two
//
// Exit code 0: all held; 1: something did not. Needs chromium and playwright-core, see browser.mjs.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, open } from './browser.mjs';
import { flameColours, flameGraph, flameKeys, flameSums } from './flame.mjs';
import { Facts } from './facts.mjs';
import { change } from './change.mjs';
import { functionPage, functionTable } from './functions.mjs';
import { address, hostile, keyboard, narrow, overview, steady, theme } from './frame.mjs';
import { timeline, timelineRows } from './timeline.mjs';

const CHECKS = { overview, functionTable, functionPage, flameSums, flameGraph, flameColours, flameKeys, timelineRows, timeline, address, theme, narrow, steady, hostile, keyboard, change };

// The page's own way to write numbers, and to tell colours apart; its modules are files that any module can import.
const page = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../perprovis/src/export/html/page');
const module = (name) => import(`data:text/javascript,${encodeURIComponent(fs.readFileSync(path.join(page, name), 'utf8'))}`);
const [format, vision] = await Promise.all(['format.js', 'vision.js'].map(module));

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node run.mjs FILE.html...');
  process.exit(2);
}
// Most of a check is waiting for the page, so several are under way at once.
const AT_ONCE = 4;

// What a large report can show that a small one cannot; the rest takes minutes there and finds nothing more.
const LARGE_BYTES = 4e6;
const OF_LARGE = new Set(['overview', 'functionTable', 'flameSums', 'flameGraph', 'flameColours', 'timelineRows', 'timeline']);

const json = (file, ending) => JSON.parse(fs.readFileSync(file.replace(/\.html$/, ending), 'utf8'));
const waiting = files.flatMap((file) => {
  const before = fs.existsSync(file.replace(/\.html$/, '.before.json')) ? json(file, '.before.json') : null;
  const facts = new Facts(json(file, '.json'), before);
  const isLarge = fs.statSync(file).size > LARGE_BYTES;
  const applies = (name, check) => (before || !check.compares) && (!isLarge || OF_LARGE.has(name)) && (!check.once || file === files[0]);
  return Object.entries(CHECKS).filter(([name, check]) => applies(name, check)).map(([name, check]) => ({ file, facts, name, check }));
});

async function run(browser, { file, facts, name, check }) {
  const errors = [];
  const since = performance.now();
  const session = await open(browser, file, check.options ?? {});
  const expect = (holds, what) => { if (!holds) errors.push(what); };
  try {
    await check({ ...session, facts, expect, format, vision, reopen: (options) => open(browser, file, options) });
  } catch (error) {
    errors.push(error.stack);
  }
  errors.push(...session.wrong);
  await session.context.close();
  console.log(`${errors.length === 0 ? 'ok  ' : 'FAIL'}  ${path.basename(file)}  ${name}  ${Math.round(performance.now() - since)} ms`);
  for (const error of errors.slice(0, 8)) console.log(`        ${error}`);
  return errors.length === 0;
}

let failed = 0;
const browser = await launch();
const worker = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) if (!await run(browser, next)) failed++;
};
try {
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
} finally {
  await browser.close();
}
console.log(failed > 0 ? `${failed} checks failed` : 'all checks hold');
process.exitCode = failed > 0 ? 1 : 0;
