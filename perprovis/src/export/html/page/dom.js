// Elements from data. Children are nodes or become text nodes: nothing of a report is ever markup.
import { change, changeShare, clip, visible, visibleName } from './format.js';

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'style') for (const [property, setting] of Object.entries(value)) element.style.setProperty(property, setting);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// Longest name put into lists; the tooltip and the function's page have all of it.
const LIST_NAME = 400;

// A name cut where it gives way: what tables leave out of it shrinks first.
export function nameParts(f) {
  const full = clip(visibleName(f.name), LIST_NAME);
  const short = clip(visibleName(f.short), LIST_NAME);
  const strong = h('span', { class: 'name-short' }, short);
  const rest = (text) => h('span', { class: 'name-path' }, text);
  return h('span', { class: 'name', dir: 'ltr' },
    full === short ? strong : full.endsWith(short) ? [rest(full.slice(0, full.length - short.length)), strong] : [strong, ' ', rest(full)]);
}

export function swatch(app, fn) {
  return h('span', { class: 'swatch', style: { 'background-color': app.colours.of(fn) }, 'aria-hidden': 'true' });
}

// A function as a link to its page, with its colour. `fn` -1 is what a limit cut off.
export function functionLink(app, fn, extra) {
  if (fn < 0) return h('span', { class: 'fn' }, swatch(app, -1), h('span', { class: 'name' }, '[truncated]'));
  const f = app.model.functions[fn];
  return h('a', { class: 'fn', href: app.href({ view: 'function', fn }), title: clip(visibleName(f.name), 2000), 'data-fn': fn, ...extra },
    swatch(app, fn), nameParts(f));
}

// Metadata as key=value pairs.
export function pairsOf(pairs, limit = Infinity) {
  return pairs.slice(0, limit).map(([key, value]) => h('span', { class: 'pair', dir: 'ltr' },
    h('span', { class: 'pair-key' }, `${clip(visible(key), 80)}=`), clip(visible(value), limit < Infinity ? 80 : 4000)))
    .concat(pairs.length > limit ? h('span', { class: 'pair' }, '…') : []);
}

// A bar that shows a share of one.
export function bar(share, colour) {
  return h('span', { class: 'bar', 'aria-hidden': 'true' },
    h('span', { style: { width: `${Math.min(1, share) * 100}%`, ...(colour ? { 'background-color': colour } : {}) } }));
}

// How a time changed, with its sign: in time, and as a share. Neither is told by colour alone.
export function changeOf(before, now) {
  const kind = now > before ? 'slower' : now < before ? 'faster' : 'muted';
  return h('span', { class: `change-of ${kind}` }, h('span', {}, change(before, now)), h('span', { class: 'change-share' }, changeShare(before, now)));
}

export function select(label, options, value, onchange) {
  const element = h('select', { 'aria-label': label, onchange: () => onchange(element.value) },
    options.map(([key, text]) => h('option', { value: key }, clip(visible(text), 60))));
  element.value = value;
  return element;
}

// Buttons of which one is chosen.
export function choice(label, options, onchoose) {
  const buttons = options.map(([key, text, title]) =>
    h('button', { type: 'button', title, 'data-key': key, onclick: () => onchoose(key) }, text));
  const element = h('div', { class: 'choice', role: 'group', 'aria-label': label }, buttons);
  return { element, show: (key) => buttons.forEach((button) => button.setAttribute('aria-pressed', button.dataset.key === key)) };
}
