// The overview, and what holds for the page as a whole.

const goTo = (page, hash) => page.evaluate((hash) => { location.hash = hash; }, hash).then(() => page.waitForTimeout(120));
const text = (page, selector) => page.locator(selector).innerText();
const named = (facts, fn) => encodeURIComponent(facts.report.functions[fn].name);

export async function overview({ page, facts, expect, format }) {
  const { report } = facts;
  expect(await text(page, '#fact-calls') === facts.calls.toLocaleString('en-US'), `calls: ${await text(page, '#fact-calls')}, not ${facts.calls}`);
  expect(await text(page, '#fact-run') === format.time(report.clock.run_ticks * facts.tick), 'run time');
  const runs = report.sources.length;
  expect((await text(page, '.facts')).includes(runs > 0 ? `the longest of ${runs} runs` : 'from start to report'), 'what the run time is');
  expect(await text(page, '#fact-whole') === format.time(facts.whole), `profiled time: ${await text(page, '#fact-whole')}`);
  expect(await text(page, '#fact-functions') === format.count(report.functions.length), 'number of functions');
  expect(report.exited.threads > Number.MAX_SAFE_INTEGER || await text(page, '#fact-threads') === format.count(report.threads.length + report.exited.threads), 'number of threads');
  const lost = Object.values(report.dropped).filter((number) => number > 0).length;
  expect(await page.locator('.notes li').count() >= lost, `${lost} kinds of loss, fewer notes`);
  if (report.functions.length === 0) {
    expect((await text(page, 'main')).includes('Nothing was recorded'), 'an empty report says so');
    return;
  }
  const shares = await page.locator('.hot-list li .strong').allInnerTexts();
  const sum = shares.reduce((sum, share) => sum + (share.startsWith('<') ? 0.02 : parseFloat(share)), 0);
  expect(facts.whole === 0 || facts.saturated || Math.abs(sum - 100) < 1.5, `shares of self time add up to ${sum} %`);
  if (report.calls.length > 0) {
    await page.locator('.call summary .call-time').first().click();
    await page.waitForTimeout(80);
    expect(await page.locator('.call[open] .stack li').count() >= 1, 'a call opens to its stack');
    const link = page.locator('.call[open] .call-actions a').first();
    if (await link.innerText() === 'Show on the timeline') {
      await link.click();
      await page.waitForTimeout(150);
      expect((await text(page, '.call-details')).length > 10 && page.url().includes('view=timeline'), 'a call is shown on the timeline');
    }
  }
}

// Picked in one view, lit in the others; the address brings everything back.
export async function address({ page, facts, expect, reopen, context }) {
  const fn = facts.hot();
  if (fn < 0) return;
  const { name } = facts.report.functions[fn];
  await page.keyboard.press('2');
  await page.locator(`tr[data-fn="${fn}"] td`).first().click();
  const state = () => page.evaluate(() => ({ ...window.perprovis.state }));
  expect((await state()).fn === fn, 'a click on a row picks its function');
  expect(await page.locator(`tr.lit[data-fn="${fn}"]`).count() === 1, 'it is lit in the table');
  await page.keyboard.press('1');
  await page.waitForTimeout(50);
  const inList = await page.locator(`.hot-list [data-fn="${fn}"]`).count();
  expect(inList === 0 || await page.locator(`.hot-list li.lit[data-fn="${fn}"]`).count() === 1, 'it is lit in the overview');
  await page.keyboard.press('3');
  await page.waitForTimeout(50);
  await page.keyboard.press('/');
  await page.keyboard.type('a');
  await page.waitForTimeout(150);
  const hash = await page.evaluate(() => location.hash);
  const other = await reopen({ hash });
  const [here, there] = [await state(), await other.page.evaluate(() => ({ ...window.perprovis.state }))];
  expect(JSON.stringify(here) === JSON.stringify(there), `the address gives ${JSON.stringify(there)}, not ${JSON.stringify(here)}`);
  expect(there.fn === fn && there.q === 'a' && there.view === 'flame', `the address of ${name}`);
  await other.context.close();
  await page.goBack();
  await page.waitForTimeout(100);
  expect((await state()).view === 'overview', 'back goes to the view before');
  await page.goForward();
  await page.waitForTimeout(100);
  expect(JSON.stringify(await state()) === JSON.stringify(here), 'forward comes back, with all it had');
  await page.goBack();
  await page.waitForTimeout(100);
  await page.keyboard.press('Escape');
  expect((await state()).fn === null, 'Escape picks nothing');
  void context;
}

export async function theme({ page, expect }) {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await ground();
  expect(light !== dark, 'the system chooses the theme');
  const button = page.locator('#tools button').first();
  await button.click();
  expect(await ground() === light, 'one click: light on a dark system');
  await button.click();
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await ground() === dark, 'two clicks: dark on a light system');
  await page.waitForTimeout(300); // the browser stores it when it has time
  await page.reload();
  expect(await ground() === dark, 'the choice stays');
}
theme.once = true; // the report plays no part in it

// Searching the flame graph moves nothing, whatever it finds.
async function searching(page, expect) {
  const place = () => page.evaluate(() => JSON.stringify(document.querySelector('.flame-scroller').getBoundingClientRect()));
  await page.evaluate(() => window.perprovis.go({ view: 'flame', measure: 'self', q: '' }));
  const before = await place();
  await page.evaluate(() => window.perprovis.go({ q: 'e' }, { replace: true }));
  expect(await place() === before, 'searching moves the flame graph');
  await page.evaluate(() => window.perprovis.go({ measure: '', q: '' }));
}

// Nothing sticks out of a narrow window.
export async function narrow({ page, facts, expect }) {
  const fn = facts.hot();
  for (const view of ['overview', 'functions', 'flame', 'timeline', 'function']) {
    await goTo(page, `#view=${view}${fn >= 0 ? `&fn=${named(facts, fn)}` : ''}`);
    const out = await page.evaluate(() => {
      const scrolls = (element) => element && element !== document.body && (/auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
      return [...document.querySelectorAll('main *, header *, footer *')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.right > innerWidth + 1 && !scrolls(element.parentElement);
      }).map((element) => element.outerHTML.slice(0, 120)).slice(0, 3);
    });
    expect(out.length === 0, `${view}: ${out.join(' ')}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${view}: the page scrolls sideways`);
  }
  await searching(page, expect);
}
narrow.options = { width: 400, height: 800 };

// Loading and picking move nothing.
export async function steady({ page, facts, expect }) {
  const shift = () => page.evaluate(() => new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(sum), 200);
  }));
  expect(await shift() < 0.02, `the layout jumps by ${await shift()} on loading`);
  const fn = facts.hot();
  if (fn < 0) return;
  for (const view of ['2', '3', '4']) {
    await page.keyboard.press(view);
    await page.waitForTimeout(150);
    const place = () => page.evaluate(() => JSON.stringify([...document.querySelectorAll('main canvas, main table')].map((it) => { const { left, top, width } = it.getBoundingClientRect(); return [left, top, width]; })));
    let before = '';
    for (let now = await place(); now !== before; now = await place()) { // until it has been laid out
      before = now;
      await page.waitForTimeout(150);
    }
    await page.evaluate((fn) => window.perprovis.pick(fn), fn);
    await page.waitForTimeout(100);
    expect(await place() === before, `picking moves something in view ${view}`);
    await page.evaluate((fn) => window.perprovis.pick(fn), fn);
  }
  await searching(page, expect);
}

// With the keyboard alone: Tab reaches everything, always seen; the first stop skips the head of the page.
export async function keyboard({ page, facts, expect }) {
  const focus = () => page.evaluate(() => {
    const { activeElement: it } = document;
    const { outlineStyle, outlineWidth } = getComputedStyle(it);
    return { tag: it.tagName, id: it.id, label: it.getAttribute('aria-label') ?? it.innerText?.trim() ?? '', seen: outlineStyle !== 'none' && outlineWidth !== '0px' };
  });
  await page.keyboard.press('Tab');
  expect((await focus()).id === 'skip', 'the first stop is the link that skips the head');
  await page.keyboard.press('Enter');
  expect((await focus()).id === 'main', 'it leads to the view');
  const recorded = facts.report.functions.length > 0;
  for (const [view, wanted] of [['functions', 'A'], ['flame', 'CANVAS'], ['timeline', 'CANVAS'], ['overview', 'A'], ['function', 'A']]) {
    await goTo(page, `#view=${view}${recorded ? `&fn=${named(facts, Math.max(0, facts.hot()))}` : ''}`);
    await page.locator('#skip').focus();
    const stops = [];
    for (let stop = 0; stop < 40; stop++) {
      await page.keyboard.press('Tab');
      const it = await focus();
      if (it.tag === 'BODY' || it.id === 'skip') break;
      stops.push(it);
    }
    expect(stops.filter(({ tag }) => tag === 'A').length >= 5, `${view}: Tab reaches all views`);
    if (recorded && facts.whole > 0 && facts.report.calls.length > 0) {
      expect(stops.slice(5).some(({ tag }) => tag === wanted), `${view}: Tab reaches no ${wanted}, but ${stops.map(({ tag, label }) => `${tag} ${label.slice(0, 20)}`).join(', ')}`);
    }
    // A canvas draws the mark of its focus itself.
    const hidden = stops.filter(({ tag, seen }) => !seen && tag !== 'CANVAS');
    expect(hidden.length === 0, `${view}: the focus is not seen on ${hidden.map(({ tag, label }) => `${tag} ${label}`).slice(0, 3).join(', ')}`);
    const nameless = stops.filter(({ label }) => label === '');
    expect(nameless.length === 0, `${view}: ${nameless.length} stops have no name: ${nameless.map(({ tag }) => tag)}`);
  }
}

// Names are text: no element comes from the data, whatever it says, in any view.
export async function hostile({ page, facts, expect, wrong }) {
  const strange = () => page.evaluate(() => document.querySelectorAll('body img, body b, body iframe, body script:not([nonce]):not([id^=data-])').length);
  const hidden = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u0000-\u0008]/;
  const names = facts.report.functions.map((_, fn) => fn).filter((fn) => /[<>&"'\u0000-\u001f\u0300-\u036f\u2000-\u206f]|^\s*$/.test(facts.report.functions[fn].name)).slice(0, 30);
  for (const view of ['overview', 'functions', 'flame', 'timeline']) {
    await goTo(page, `#view=${view}`);
    expect(await strange() === 0, `${view}: an element made of data`);
    expect(!hidden.test(await text(page, 'main')), `${view}: a character that turns the text around`);
  }
  for (const fn of names) {
    await goTo(page, `#view=function&fn=${named(facts, fn)}`);
    expect(await strange() === 0, `${JSON.stringify(facts.report.functions[fn].name)}: an element made of data`);
    const title = await text(page, '.function-head h2');
    expect(title.trim() !== '' && !hidden.test(title), `${JSON.stringify(facts.report.functions[fn].name)} is shown as ${JSON.stringify(title)}`);
  }
  const refused = await page.evaluate(() => {
    try { document.createElement('p').innerHTML = '<b>x</b>'; return false; } catch { return true; }
  });
  expect(refused, 'the policy refuses markup from strings');
  await page.waitForTimeout(50);
  wrong.splice(0, Infinity, ...wrong.filter((it) => !it.includes('TrustedHTML'))); // this refusal itself
}
