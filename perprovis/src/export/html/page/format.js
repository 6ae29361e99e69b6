// Quantities and names for people.

const UNITS = [[1, 'ns', 1e3], [1e3, 'µs', 1e3], [1e6, 'ms', 1e3], [1e9, 's', 120], [60e9, 'min', 120], [3600e9, 'h', 48], [86400e9, 'd', Infinity]];

function threeDigits(number) {
  if (number >= 99999.5) return number.toExponential(2).replace('e+', 'e');
  return number.toFixed(number >= 99.95 ? 0 : number >= 9.995 ? 1 : number >= 0.9995 ? 2 : 3);
}

// A time with three significant digits, as the text report has it: `14.2 ns`, `3.10 ms`.
export function time(nanos) {
  if (!(nanos >= 0.0005)) return '0 ns';
  // What would be rounded up to the limit of its unit belongs to the next one.
  const [length, unit] = UNITS.find(([length, , limit]) => nanos / length < limit * 0.9995);
  return `${threeDigits(nanos / length)} ${unit}`;
}

// A point in time, as fine as steps of `step` need it.
export function moment(nanos, step) {
  const [length, unit] = [...UNITS.slice(0, 4)].reverse().find(([length]) => Math.max(nanos, step) >= length) ?? UNITS[0];
  const decimals = Math.min(9, Math.max(0, Math.ceil(-Math.log10(step / length) - 1e-9)));
  return `${(nanos / length).toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })} ${unit}`;
}

const COUNT = new Intl.NumberFormat('en-US'); // making one takes longer than all it formats

// A count in full: `1,234,567`. Takes a BigInt as well.
export function count(number) {
  return COUNT.format(number);
}

export function counted(number, one, many = `${one}s`) {
  return `${count(number)} ${Number(number) === 1 ? one : many}`;
}

export function percent(share) {
  const percent = share * 100;
  return percent > 0 && percent < 0.05 ? '<0.1%' : `${percent.toFixed(1)}%`;
}

// From one time to another, with its sign: `+1.20 ms`, `−35.0 ns`.
export function change(before, now) {
  const by = now - before;
  return Math.abs(by) < 0.0005 ? '±0' : `${by > 0 ? '+' : '−'}${time(Math.abs(by))}`;
}

// The same as a share of the first: `+12.5%`; `new` and `gone` where one of them is nothing.
export function changeShare(before, now) {
  if (before === now) return '±0%';
  if (!(before > 0)) return 'new';
  if (!(now > 0)) return 'gone';
  const by = (now / before - 1) * 100;
  if (Math.abs(by) < 0.05) return '±0%';
  return `${by > 0 ? '+' : '−'}${Math.abs(by) >= 999.5 ? count(Math.round(Math.abs(by))) : Math.abs(by).toFixed(1)}%`;
}

// Control, format and bidirectional characters, and those that are invisible: they would move or
// reverse what stands around them.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0]/gu;
const ESCAPES = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

// Text of the program with what cannot be seen written out, as in `\u{202e}`.
export function visible(text) {
  const shown = text.replace(HIDDEN, (character) => ESCAPES[character] ?? `\\u{${character.codePointAt(0).toString(16)}}`);
  return /^\p{M}/u.test(shown) ? `\u25cc${shown}` : shown; // a mark with no letter gets the customary circle
}

export function visibleName(name) {
  return name.trim() === '' ? `"${visible(name)}"` : visible(name);
}

// At most `length` characters, the middle left out: nothing is read further, and it keeps the page fast.
export function clip(text, length) {
  if (text.length <= length) return text;
  const letters = [...text];
  if (letters.length <= length) return text;
  const head = Math.floor((length - 1) / 3);
  return `${letters.slice(0, head).join('')}…${letters.slice(-(length - 1 - head)).join('')}`;
}
