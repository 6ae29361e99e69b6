// One colour per function name, the same in every view, report and browser.
//
// The hues are those of Paul Tol's scheme "light" (https://personal.sron.nl/~pault/), made to be told
// apart with every kind of colour vision and to carry black text; its grey stands for what is no
// function, its olive is left out as too close to the darker pear. Each comes in three lightnesses, since
// there are more functions than hues; which one, and which hue, a hash of the full name decides.

import { looksAlike } from './vision.js';

const HUES = ['#77aadd', '#99ddff', '#44bb99', '#bbcc33', '#eedd88', '#ee8866', '#ffaabb'];
const GREY = '#c9c9c9';
export const INK = '#14171c'; // text on any of them

function mix(hex, target, share) {
  const channels = [1, 3, 5].map((at) => {
    const from = parseInt(hex.slice(at, at + 2), 16);
    const to = parseInt(target.slice(at, at + 2), 16);
    return Math.round(from + (to - from) * share).toString(16).padStart(2, '0');
  });
  return `#${channels.join('')}`;
}

const FILLS = HUES.flatMap((hue) => [hue, mix(hue, '#ffffff', 0.3), mix(hue, '#3a3f47', 0.16)]);

// FNV-1a over UTF-16, then mixed (the finalizer of MurmurHash3): names differ mostly in their last letters.
function hash(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}

// What a colour gives way to beside one that looks like it.
const SHADES = [['#ffffff', 0.34], ['#3a3f47', 0.2], ['#ffffff', 0.58], ['#3a3f47', 0.32]];

export class Colours {
  #functions;
  #fills = [];
  #beside = new Map();

  constructor(functions) {
    this.#functions = functions;
  }

  // Of a function by its index; -1 is what is no function.
  of(fn) {
    if (fn < 0) return GREY;
    return (this.#fills[fn] ??= FILLS[hash(this.#functions[fn].name) % FILLS.length]);
  }

  // The same, or a shade of it if another function beside it looks alike. `near` are its neighbours, { fn, fill }.
  beside(fn, near) {
    const others = near.filter((it) => it?.fill && it.fn !== fn);
    if (others.length === 0) return this.of(fn);
    const key = `${fn} ${others.map(({ fill }) => fill).join()}`;
    let fill = this.#beside.get(key);
    if (!fill) {
      const own = this.of(fn);
      const shades = [own, ...SHADES.map(([towards, share]) => mix(own, towards, share))];
      fill = shades.find((shade) => others.every((it) => !looksAlike(it.fill, shade))) ?? own;
      if (this.#beside.size > 20000) this.#beside.clear();
      this.#beside.set(key, fill);
    }
    return fill;
  }
}

// From a neutral middle to either end: orange and blue differ for every kind of colour vision.
const NEUTRAL = '#e6e3dc';
const SLOWER = [NEUTRAL, '#f8cfa6', '#f0a468', '#e07a3c'];
const FASTER = [NEUTRAL, '#bcd7f2', '#86b7ea', '#5896de'];

function along(scale, part) {
  const at = Math.min(1, Math.max(0, part)) * (scale.length - 1);
  const step = Math.min(scale.length - 2, Math.floor(at));
  return mix(scale[step], scale[step + 1], at - step);
}

// How a time changed: the strongest where it doubled, or halved.
export function changed(before, now) {
  if (before === now) return NEUTRAL;
  const by = before > 0 && now > 0 ? Math.abs(Math.log2(now / before)) : 1;
  return along(now > before ? SLOWER : FASTER, Math.sqrt(Math.min(1, by))); // most changes are small
}

// Share of the time, 0..=1, as one hue from pale to strong: lightness alone tells them apart.
const HEAT = ['#f6f2e6', '#fbe3b5', '#fbc887', '#f4a26a', '#e67f5a', '#d96a55'];

export function heat(share) {
  return along(HEAT, Math.sqrt(Math.max(0, share))); // most shares are small
}
