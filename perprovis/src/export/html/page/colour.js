// One colour per function name, the same in every view, report and browser.
//
// The hues are those of Paul Tol's scheme "light" (https://personal.sron.nl/~pault/), made to be told
// apart with every kind of colour vision and to carry black text; its grey stands for what is no
// function, its olive is left out as too close to the darker pear. Each comes in three lightnesses, since there are more functions than hues; which one, and
// which hue, a hash of the full name decides.

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

export class Colours {
  #functions;
  #fills = [];

  constructor(functions) {
    this.#functions = functions;
  }

  // Of a function by its index; -1 is what is no function.
  of(fn) {
    if (fn < 0) return GREY;
    return (this.#fills[fn] ??= FILLS[hash(this.#functions[fn].name) % FILLS.length]);
  }
}

// Share of the time, 0..=1, as one hue from pale to strong: lightness alone tells them apart.
const HEAT = ['#f6f2e6', '#fbe3b5', '#fbc887', '#f4a26a', '#e67f5a', '#d96a55'];

export function heat(share) {
  const scaled = Math.sqrt(Math.min(1, Math.max(0, share))) * (HEAT.length - 1); // most shares are small
  const step = Math.min(HEAT.length - 2, Math.floor(scaled));
  return mix(HEAT[step], HEAT[step + 1], scaled - step);
}
