// Distributions of durations on a logarithmic axis: a sparkline, and the large one with percentiles.
import { h, svg } from './dom.js';
import { count, counted, percent, time } from './format.js';

// The bounds of a bucket in ticks; its number is that of perprovis_core::histogram.
export function bucketBounds(bucket) {
  if (bucket < 128) return [bucket, bucket + 1];
  const shift = Math.floor(bucket / 64) - 1;
  const low = (64 + (bucket % 64)) * 2 ** shift;
  return [low, low + 2 ** shift];
}

// The axis of durations from `min` to `max`; `count` tells how many calls fall into each of `bars` parts of it.
function axis(min, max, tick, bars) {
  // One value makes a spike, and so does a narrow range: not less than a factor of 1.5 is shown.
  const middle = Math.sqrt(Math.max(min, tick / 2) * Math.max(max, tick / 2));
  const low = Math.log(Math.min(Math.max(min, tick / 2), middle / 1.25));
  const high = Math.log(Math.max(max, middle * 1.25, tick));
  const place = (nanos) => (Math.log(Math.max(nanos, tick / 2)) - low) / (high - low);
  const value = (at) => Math.exp(low + at * (high - low));
  const count = (buckets, tick) => {
    const counts = new Float64Array(bars);
    for (const [bucket, calls] of buckets) {
      const [from, to] = bucketBounds(bucket);
      counts[Math.max(0, Math.min(bars - 1, Math.floor(place(((from + to - 1) / 2) * tick) * bars)))] += calls;
    }
    return counts;
  };
  return { place, value, count };
}

const SPARK_BARS = 28;
const SPARK_WIDTH = 112;
const SPARK_HEIGHT = 22;

export function sparkline(f, tick) {
  const label = f.buckets.length === 0 ? 'no completed call' : `${time(f.min)} to ${time(f.max)}, half of the calls within ${time(f.p50)}`;
  const picture = svg('svg', { class: 'sparkline', width: SPARK_WIDTH, height: SPARK_HEIGHT, role: 'img', 'aria-label': `Distribution: ${label}` },
    svg('title', {}, label),
    svg('path', { class: 'spark-base', d: `M0 ${SPARK_HEIGHT - 0.5}H${SPARK_WIDTH}` }));
  if (f.buckets.length === 0) return picture;
  const counts = axis(f.min, f.max, tick, SPARK_BARS).count(f.buckets, tick);
  const highest = Math.max(...counts);
  const wide = SPARK_WIDTH / SPARK_BARS;
  let path = '';
  counts.forEach((calls, bar) => {
    if (calls === 0) return;
    const tall = Math.max(1.5, (calls / highest) * (SPARK_HEIGHT - 2)); // rare ones are seen as well
    path += `M${(bar * wide).toFixed(1)} ${SPARK_HEIGHT - 1}v${(-tall).toFixed(1)}h${(wide - 1).toFixed(1)}v${tall.toFixed(1)}z`;
  });
  picture.append(svg('path', { class: 'spark-bars', d: path }));
  return picture;
}

// Ticks of the axis: 1, 2 and 5 of each power of ten where there is room, else the powers.
function axisTicks(low, high, most) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of [1, 2, 5]) ticks.push(step * 10 ** power);
  }
  const inside = ticks.filter((value) => value >= low && value <= high);
  if (inside.length < 2) return [0.1, 0.5, 0.9].map((part) => low * (high / low) ** part); // a narrow range between them
  if (inside.length <= most) return inside;
  const powers = inside.filter((value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9);
  const every = Math.ceil(powers.length / most);
  return powers.filter((_, index) => index % every === 0);
}

const MARKS = [['p50', 'p50'], ['p90', 'p90'], ['p99', 'p99'], ['p999', 'p99.9']];
const TOP = 64; // room for the names of the percentiles
const HIGH = 150;

// The large picture, for a place `width` pixels wide. What an earlier report knew is a line over the bars.
export function distribution(f, { tick, before: earlier }, width, tooltip) {
  const bars = Math.max(12, Math.min(96, Math.floor(width / 9)));
  const known = [f, f.before].filter((it) => Number(it?.calls) > 0);
  const { place, value, count: countIn } = axis(Math.min(...known.map(({ min }) => min)), Math.max(...known.map(({ max }) => max)), tick, bars);
  const counts = countIn(f.buckets, tick);
  const before = f.before ? countIn(f.before.buckets, earlier.tick) : null;
  const highest = Math.max(...counts, ...(before ?? []), 1);
  const calls = f.buckets.reduce((sum, [, number]) => sum + number, 0);
  const wide = width / bars;
  const bottom = TOP + HIGH;
  const picture = svg('svg', { class: 'distribution', width, height: bottom + 24, role: 'img', 'aria-label':
    `Distribution of ${counted(f.calls, 'call')}: from ${time(f.min)} to ${time(f.max)}; ${MARKS.map(([key, name]) => `${name} ${time(f[key])}`).join(', ')}` });
  counts.forEach((number, bar) => {
    const tall = number === 0 ? 0 : Math.max(2, (number / highest) * (HIGH - 4));
    const column = svg('g', { class: 'column' },
      svg('rect', { class: 'column-hit', x: bar * wide, y: TOP, width: wide, height: HIGH }),
      svg('rect', { class: 'column-bar', x: bar * wide + 0.5, y: bottom - tall, width: Math.max(1, wide - 1), height: tall }));
    column.addEventListener('pointermove', (event) => tooltip.show(event.clientX, event.clientY, [
      h('div', { class: 'tooltip-title' }, `${time(value(bar / bars))} to ${time(value((bar + 1) / bars))}`),
      h('div', {}, `${count(number)} ${number === 1 ? 'call' : 'calls'}, ${percent(calls > 0 ? number / calls : 0)}`),
      before ? h('div', { class: 'muted' }, `before ${counted(before[bar], 'call')}`) : '',
    ]));
    column.addEventListener('pointerleave', () => tooltip.hide());
    picture.append(column);
  });
  if (before) {
    const steps = Array.from(before, (number, bar) => `V${(bottom - (number / highest) * (HIGH - 4)).toFixed(1)}H${((bar + 1) * wide).toFixed(1)}`);
    picture.append(svg('path', { class: 'before-line', d: `M0 ${bottom}${steps.join('')}V${bottom}` }));
  }
  picture.append(svg('path', { class: 'axis', d: `M0 ${bottom + 0.5}H${width}` }));
  for (const at of axisTicks(value(0), value(1), Math.floor(width / 72))) {
    const x = place(at) * width;
    picture.append(svg('path', { class: 'axis', d: `M${x.toFixed(1)} ${bottom}v5` }));
    if (x > 20 && x < width - 20) picture.append(svg('text', { x, y: bottom + 19, 'text-anchor': 'middle' }, time(at).replace(/\.0+ /, ' ')));
  }
  // Each name on the first line where it does not run into another, its mark below all names at its place.
  const ends = MARKS.map(() => -Infinity);
  const names = (Number(f.calls) > 0 ? MARKS : []).map(([key, name]) => {
    const x = Math.max(0.5, Math.min(width - 0.5, place(f[key]) * width));
    const text = `${name} ${time(f[key])}`;
    const room = text.length * 6.6 + 8;
    const from = Math.min(Math.max(0, x - room / 2), width - room);
    const line = Math.max(0, ends.findIndex((end) => end <= from));
    ends[line] = from + room;
    return { x, text, from, room, line };
  });
  for (const { x, text, from, line } of names) {
    const below = Math.max(...names.filter((it) => it.from <= x && x <= it.from + it.room).map((it) => it.line));
    picture.append(
      svg('path', { class: 'mark', d: `M${x.toFixed(1)} ${bottom}V${15 * below + 15}` }),
      svg('text', { class: 'mark-name', x: from + 4, y: 15 * line + 11 }, text));
  }
  return picture;
}
