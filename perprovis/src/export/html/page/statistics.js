// What is known of each function. Times are nanoseconds from here on.

const [UTF8, TEXT] = [new TextEncoder(), new TextDecoder()];

export function readName(reader) {
  const name = reader.text();
  const from = reader.number();
  if (from <= 1) return { name, short: from === 0 ? reader.text() : name };
  return { name, short: TEXT.decode(UTF8.encode(name).subarray(from - 1)) };
}

const TIMES = ['sum', 'total', 'self', 'busy', 'idle', 'min', 'max', 'treeTotal', 'treeSelf'];
const FLOATS = ['mean', 'deviation', 'p50', 'p90', 'p95', 'p99', 'p999'];

export function readStatistics(reader, tick) {
  const statistics = { calls: reader.exact(), panicked: reader.exact(), cancelled: reader.exact(), polls: reader.exact() };
  for (const time of TIMES) statistics[time] = reader.number() * tick;
  statistics.open = reader.number();
  statistics.logged = reader.number();
  for (const float of FLOATS) statistics[float] = reader.float();
  statistics.buckets = [];
  for (let left = reader.number(), bucket = 0; left > 0; left--) {
    bucket += reader.number();
    statistics.buckets.push([bucket, reader.number()]);
  }
  return statistics;
}

const NEVER_CALLED = {
  calls: 0, panicked: 0, cancelled: 0, polls: 0, open: 0, logged: 0, buckets: [],
  ...Object.fromEntries([...TIMES, ...FLOATS].map((name) => [name, 0])),
};

// A function as the views see it. `before` is what an earlier report knew of it, or null.
export class Fn {
  constructor(index, names, statistics, whole, before = null) {
    Object.assign(this, names, statistics ?? NEVER_CALLED);
    this.index = index;
    this.isGone = statistics === null;
    this.share = whole > 0 ? Math.min(1, this.treeTotal / whole) : 0;
    this.selfShare = whole > 0 ? Math.min(1, this.treeSelf / whole) : 0;
    this.before = before;
  }

  get isAsync() {
    return this.polls > 0 || this.cancelled > 0;
  }
}

// The earlier report of a page made of two: facts; its functions stand in `functions`, those that only it has at
// their end.
export function readBefore(reader, functions) {
  const tick = reader.float();
  const before = { tick, runTime: reader.number() * tick, whole: reader.number() * tick, threads: reader.exact() };
  for (let left = reader.number(); left > 0; left--) functions.push(new Fn(functions.length, readName(reader), null, 0));
  for (let left = reader.number(); left > 0; left--) {
    const f = functions[reader.number()];
    f.before = readStatistics(reader, tick);
  }
  return before;
}
