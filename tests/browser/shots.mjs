// Screenshots of every view: `node shots.mjs FOLDER FILE...`. To be looked at by people.
import path from 'node:path';
import { launch, open } from './browser.mjs';

const [folder, ...files] = process.argv.slice(2);
const SIZES = [['light', 1280, 'light'], ['dark', 1280, 'dark'], ['narrow', 400, 'light'], ['narrow-dark', 400, 'dark']];
const CALL = 3; // the logged call that is picked

async function shoot(browser, file, [label, width, scheme]) {
  const { page, wrong, context } = await open(browser, file, { width, scheme, height: width < 500 ? 800 : 860 });
  const hot = await page.evaluate(() => window.perprovis.model.functions.reduce((best, f) => (f.treeSelf > best.treeSelf ? f : best), { treeSelf: -1, name: null }).name);
  const pick = hot === null ? '' : `&fn=${encodeURIComponent(hot)}`;
  const compares = await page.evaluate(() => window.perprovis.model.before !== null);
  const views = [['overview', '#view=overview'], ['functions', '#view=functions'], ['flame', '#view=flame'], ['callers', `#view=flame&invert=callers${pick}`],
    ['heat', `#view=flame&heat=heat&measure=self&q=${encodeURIComponent((hot ?? 'x').slice(-6))}`], ['function', `#view=function${pick}`], ['timeline', '#view=timeline'],
    ['timeline-pick', `#view=timeline${pick}&call=${CALL}`]].concat(compares ? [['flame-before', '#view=flame&width=before'], ['flame-name', '#view=flame&heat=name']] : []);
  for (const [name, hash] of views) {
    await page.evaluate((hash) => { location.hash = hash; }, hash);
    await page.waitForTimeout(200);
    await page.screenshot({ path: path.join(folder, `${path.basename(file, '.html')}-${name}-${label}.png`) });
  }
  await context.close();
  return wrong.map((it) => `${file} ${label}: ${it}`);
}

const browser = await launch();
let failed = [];
try {
  for (const file of files) failed = failed.concat((await Promise.all(SIZES.map((size) => shoot(browser, file, size)))).flat());
} finally {
  await browser.close();
}
for (const it of failed) console.log(it);
process.exitCode = failed.length > 0 ? 1 : 0;
