// Drives HTML reports in Chromium and holds what they show against the JSON of the same report:
//
//     node run.mjs FILE.html...        with FILE.json beside each, and FILE.before.json if it compares two
//
// Exit code 0: all held; 1: something did not. Needs chromium and playwright-core, see browser.mjs.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, open } from './browser.mjs';
import { flameGraph, flameKeys, flameSums } from './flame.mjs';
import { Facts } from './facts.mjs';
import { change } from './change.mjs';
import { functionPage, functionTable } from './functions.mjs';
import { address, hostile, narrow, overview, steady, theme } from './frame.mjs';
import { timeline, timelineRows } from './timeline.mjs';

const CHECKS = { overview, functionTable, functionPage, flameSums, flameGraph, flameKeys, timelineRows, timeline, address, theme, narrow, steady, hostile, change };

// The page's own way to write numbers; its modules are files that any module can import.
const format = await import(`data:text/javascript,${encodeURIComponent(fs.readFileSync(
  path.join(path.dirname(fileURLToPath(import.meta.url)), '../../perprovis/src/export/html/page/format.js'), 'utf8'))}`);

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node run.mjs FILE.html...');
  process.exit(2);
}
let failed = 0;
const browser = await launch();
try {
  for (const file of files) {
    const json = (ending) => JSON.parse(fs.readFileSync(file.replace(/\.html$/, ending), 'utf8'));
    const facts = new Facts(json('.json'), fs.existsSync(file.replace(/\.html$/, '.before.json')) ? json('.before.json') : null);
    for (const [name, check] of Object.entries(CHECKS)) {
      if (check.compares && !facts.before) continue;
      const errors = [];
      const since = performance.now();
      const session = await open(browser, file, check.options ?? {});
      const expect = (holds, what) => { if (!holds) errors.push(what); };
      try {
        await check({ ...session, facts, expect, format, reopen: (options) => open(browser, file, options) });
      } catch (error) {
        errors.push(error.stack);
      }
      errors.push(...session.wrong);
      await session.context.close();
      if (errors.length > 0) failed++;
      console.log(`${errors.length === 0 ? 'ok  ' : 'FAIL'}  ${path.basename(file)}  ${name}  ${Math.round(performance.now() - since)} ms`);
      for (const error of errors.slice(0, 8)) console.log(`        ${error}`);
    }
  }
} finally {
  await browser.close();
}
process.exitCode = failed > 0 ? 1 : 0;
