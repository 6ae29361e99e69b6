// Debian's Chromium through playwright-core, cut off from every host. Looks for playwright-core beside this file
// (`npm ci` here), or where CONSUMERS_TOOLS points.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));

function playwright() {
  const places = [HERE, process.env.CONSUMERS_TOOLS && path.join(process.env.CONSUMERS_TOOLS, 'npm')].filter(Boolean);
  for (const place of places) {
    try {
      return createRequire(path.join(place, 'package.json'))('playwright-core');
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(`playwright-core is missing: run \`npm ci\` in ${HERE}, or set CONSUMERS_TOOLS`);
}

function chromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const places = process.env.PATH.split(path.delimiter).flatMap((folder) => names.map((name) => path.join(folder, name)));
  const found = process.env.CHROMIUM ?? places.find((place) => fs.existsSync(place));
  if (!found) throw new Error('chromium is missing: install it, or set CHROMIUM');
  return found;
}

export const launch = () => playwright().chromium.launch({
  executablePath: chromium(),
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND'],
});

// A page with a report, and everything that went wrong on it.
// `prepare` leaves the page empty, for whoever measures its opening.
export async function open(browser, file, { prepare = false, hash = '', width = 1280, height = 860, scheme = 'light', touch = false, motion = 'reduce' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: motion, hasTouch: touch, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const url = pathToFileURL(path.resolve(file)).href;
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`script error: ${error.stack ?? error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') wrong.push(`console: ${message.text()}`); });
  page.on('dialog', (dialog) => { wrong.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => { if (request.url().split('#')[0] !== url) wrong.push(`asks for ${request.url()}`); });
  if (prepare) {
    page.fileUrl = url;
    return { page, wrong, context };
  }
  const since = performance.now();
  await page.goto(url + hash, { waitUntil: 'load' });
  await page.waitForFunction(() => window.perprovis || document.querySelector('[role=alert]'));
  return { page, wrong, context, ms: performance.now() - since };
}
