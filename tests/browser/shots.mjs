// Screenshots of every view: `node shots.mjs FOLDER FILE...`. To be looked at by people.
import path from 'node:path';
import { launch, open } from './browser.mjs';

const [folder, ...files] = process.argv.slice(2);
const SIZES = [['light', 1280, 'light'], ['dark', 1280, 'dark'], ['narrow', 400, 'light']];
const browser = await launch();
for (const file of files) {
  for (const [label, width, scheme] of SIZES) {
    const { page, wrong, context } = await open(browser, file, { width, scheme, height: width < 500 ? 800 : 860 });
    const hot = await page.evaluate(() => window.perprovis.model.functions.reduce((best, f) => (f.treeSelf > best.treeSelf ? f : best), { treeSelf: -1, name: null }).name);
    const pick = hot === null ? '' : `&fn=${encodeURIComponent(hot)}`;
    for (const [name, hash] of [['overview', '#view=overview'], ['functions', '#view=functions'], ['flame', '#view=flame'], ['callers', `#view=flame&invert=callers${pick}`],
      ['heat', `#view=flame&heat=heat&q=${encodeURIComponent((hot ?? 'x').slice(-6))}`], ['function', `#view=function${pick}`], ['timeline', '#view=timeline'], ['timeline-pick', `#view=timeline${pick}&call=3`]]) {
      await page.evaluate((hash) => { location.hash = hash; }, hash);
      await page.waitForTimeout(250);
      await page.screenshot({ path: path.join(folder, `${path.basename(file, '.html')}-${name}-${label}.png`) });
    }
    for (const it of wrong) console.log(`${file} ${label}: ${it}`);
    await context.close();
  }
}
await browser.close();
