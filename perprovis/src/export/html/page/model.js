// The report as the views ask for it. Each block is decoded when it is first needed, into columns of
// numbers; times are nanoseconds from here on, counted from the profiler's start.
import { Reader, fromBase64 } from './bytes.js';

export const TRUNCATED = '[truncated]';
export const ALL = -1; // stands for all threads
const MERGED = -2; // stands for the threads that were merged because they exited long ago

function once(make) {
  let made;
  return () => (made ??= make());
}

// Where a block's text stands in the page. Its element goes, so that the text is not kept as well.
export function embeddedBlock(name) {
  const element = document.getElementById(`data-${name}`);
  const bytes = fromBase64(element.textContent);
  element.remove();
  return bytes;
}

export class Model {
  #block;
  #lists;
  #weights = new Map();

  // `block` gives the bytes of a block by its name, and is asked once for each.
  constructor(block) {
    this.#block = (name) => new Reader(block(name));
    this.#facts(this.#block('facts'));
    this.functions = this.#functions(this.#block('functions'));
    this.open = once(() => this.#open(this.#block('open')));
    this.paths = once(() => this.#paths(this.#block('paths')));
    this.calls = once(() => this.#calls(this.#block('calls')));
    this.slowest = once(() => this.#slowest(this.#block('slowest')));
    this.metadata = once(() => this.#metadata(this.#block('metadata')));
    this.#lists = once(() => this.#nodes(this.#block('nodes')));
    this.byName = new Map(this.functions.map((f, index) => [f.name, index]));
  }

  #facts(reader) {
    reader.number(); // version: page and data come in one file
    const source = ['CPU counter', 'system clock', 'manual clock'][reader.number()];
    const tick = reader.float();
    this.tick = tick;
    this.clock = { source, tick };
    this.runTime = reader.number() * tick;
    this.overhead = { inside: reader.float(), outside: reader.float() };
    this.dropped = { log: reader.exact(), truncated: reader.exact(), unnamed: reader.exact(), unrecorded: reader.exact() };
    this.mergedThreads = reader.exact();
    this.whole = reader.number() * tick;
    this.logged = reader.number();
    this.summary = { mean: reader.float(), median: reader.float(), p95: reader.float() };
    this.threads = [];
    for (let left = reader.number(); left > 0; left--) {
      const id = String(reader.exact());
      const name = reader.number() ? reader.text() : null;
      const state = ['running', 'exited', 'logged'][reader.number()];
      this.threads.push({ id, name, state, time: reader.number() * tick });
    }
  }

  #functions(reader) {
    const functions = [];
    const { tick } = this;
    const utf8 = new TextEncoder();
    const text = new TextDecoder();
    for (let index = 0, count = reader.number(); index < count; index++) {
      const name = reader.text();
      const from = reader.number();
      const short = from === 0 ? reader.text() : from === 1 ? name : text.decode(utf8.encode(name).subarray(from - 1));
      const [calls, panicked, cancelled, polls] = [reader.exact(), reader.exact(), reader.exact(), reader.exact()];
      const [sum, total, self, busy, idle, min, max, treeTotal, treeSelf] =
        Array.from({ length: 9 }, () => reader.number() * tick);
      const [open, logged] = [reader.number(), reader.number()];
      const [mean, deviation, p50, p90, p95, p99, p999] = Array.from({ length: 7 }, () => reader.float());
      const buckets = [];
      for (let left = reader.number(), bucket = 0; left > 0; left--) {
        bucket += reader.number();
        buckets.push([bucket, reader.number()]);
      }
      functions.push({
        index, name, short, calls, panicked, cancelled, polls, sum, total, self, busy, idle, min, max, treeTotal,
        treeSelf, open, logged, mean, deviation, p50, p90, p95, p99, p999, buckets,
        share: this.whole > 0 ? Math.min(1, treeTotal / this.whole) : 0,
        selfShare: this.whole > 0 ? Math.min(1, treeSelf / this.whole) : 0,
        isAsync: polls > 0 || cancelled > 0,
      });
    }
    return functions;
  }

  #open(reader) {
    const open = [];
    for (let left = reader.number(); left > 0; left--) {
      const [thread, path, since] = [reader.number(), reader.number(), reader.number() * this.tick];
      open.push({ thread, path, since, elapsed: Math.max(0, this.runTime - since) });
    }
    return open;
  }

  // `parent` is -1 for a root. A parent stands before its children.
  #paths(reader) {
    const count = reader.number();
    const paths = { count, parent: new Int32Array(count), fn: new Int32Array(count), depth: new Int32Array(count) };
    for (let path = 0; path < count; path++) {
      const distance = reader.number();
      paths.parent[path] = distance === 0 ? -1 : path - distance;
      paths.depth[path] = distance === 0 ? 0 : paths.depth[path - distance] + 1;
      paths.fn[path] = reader.number();
    }
    return paths;
  }

  #nodes(reader) {
    const lists = new Map();
    for (let left = reader.number(); left > 0; left--) {
      const thread = reader.number() - 1;
      const count = reader.number();
      const list = { count, path: new Int32Array(count) };
      for (const column of ['calls', 'self', 'cutCalls', 'cutTime']) list[column] = new Float64Array(count);
      for (let node = 0; node < count; node++) {
        list.path[node] = reader.number();
        list.calls[node] = reader.number();
        list.self[node] = reader.number() * this.tick;
        list.cutCalls[node] = reader.number();
        list.cutTime[node] = reader.number() * this.tick;
      }
      lists.set(thread < 0 ? MERGED : thread, list);
    }
    return lists;
  }

  // What each path weighs on one thread, or on all. A path's `total` is its own time, that of calls a
  // limit cut off below it, and the total of its children.
  weights(thread) {
    if (!this.#weights.has(thread)) {
      if (this.#weights.size > 8) this.#weights.clear(); // each is some columns as long as the table of paths
      this.#weights.set(thread, this.#weigh(thread));
    }
    return this.#weights.get(thread);
  }

  #weigh(thread) {
    const { count, parent } = this.paths();
    const most = 2 ** 64 * this.tick;
    const sum = (left, right) => Math.min(left + right, most); // times saturate in a report
    const weights = { thread, open: new Uint32Array(count), used: new Uint8Array(count), whole: 0 };
    for (const column of ['calls', 'self', 'cutCalls', 'cutTime', 'total']) weights[column] = new Float64Array(count);
    for (const [of, list] of this.#lists()) {
      if (thread !== ALL && thread !== of) continue;
      for (let node = 0; node < list.count; node++) {
        const path = list.path[node];
        weights.used[path] = 1;
        for (const column of ['calls', 'cutCalls']) weights[column][path] += list[column][node];
        for (const column of ['self', 'cutTime']) weights[column][path] = sum(weights[column][path], list[column][node]);
      }
    }
    for (const scope of this.open()) {
      if (thread !== ALL && thread !== scope.thread) continue;
      weights.open[scope.path]++;
      weights.used[scope.path] = 1;
    }
    for (let path = count - 1; path >= 0; path--) {
      weights.total[path] = sum(weights.total[path], sum(weights.self[path], weights.cutTime[path]));
      if (parent[path] < 0) {
        weights.whole = sum(weights.whole, weights.total[path]);
      } else {
        weights.total[parent[path]] = sum(weights.total[parent[path]], weights.total[path]);
        weights.used[parent[path]] |= weights.used[path];
      }
    }
    return weights;
  }

  // The choices of trees: all threads, each that has one, those merged.
  trees() {
    const trees = [{ thread: ALL, label: 'All threads' }];
    this.threads.forEach((info, thread) => {
      if (info.state !== 'logged') trees.push({ thread, label: this.threadName(thread) });
    });
    if (this.mergedThreads > 0) trees.push({ thread: MERGED, label: `${this.mergedThreads} exited, merged` });
    return trees;
  }

  threadName(thread) {
    const { id, name } = this.threads[thread];
    return name ? `${name} (${id})` : `thread ${id}`;
  }

  #call(reader, before) {
    const thread = reader.number();
    const path = reader.number() - 1;
    const fn = path < 0 ? reader.number() : this.paths().fn[path];
    const start = before + reader.number();
    return { thread: Math.floor(thread / 2), panicked: thread % 2, path, fn, start, duration: reader.number() };
  }

  #calls(reader) {
    const count = reader.number();
    const calls = {
      count, thread: new Uint32Array(count), panicked: new Uint8Array(count), path: new Int32Array(count),
      fn: new Uint32Array(count), start: new Float64Array(count), duration: new Float64Array(count),
    };
    const pathFn = this.paths().fn;
    for (let call = 0, start = 0; call < count; call++) {
      // As `#call`, without an object for each of a million.
      const thread = reader.number();
      const path = reader.number() - 1;
      calls.thread[call] = thread / 2;
      calls.panicked[call] = thread % 2;
      calls.path[call] = path;
      calls.fn[call] = path < 0 ? reader.number() : pathFn[path];
      start += reader.number();
      calls.start[call] = start * this.tick;
      calls.duration[call] = reader.number() * this.tick;
    }
    return calls;
  }

  #slowest(reader) {
    return this.functions.map(() => {
      const list = [];
      for (let left = reader.number(); left > 0; left--) {
        const call = this.#call(reader, 0);
        call.start *= this.tick;
        call.duration *= this.tick;
        list.push({ ...call, pairs: reader.pairs() });
      }
      return list;
    });
  }

  // One call of the log.
  call(index) {
    const calls = this.calls();
    return {
      index, thread: calls.thread[index], panicked: calls.panicked[index], path: calls.path[index],
      fn: calls.fn[index], start: calls.start[index], duration: calls.duration[index], pairs: this.pairs(index),
    };
  }

  // The metadata of a call of the log.
  pairs(index) {
    const { reader, calls, places } = this.metadata();
    const at = lowerBound(calls, index);
    if (calls[at] !== index) return [];
    reader.at = places[at];
    return reader.pairs();
  }

  // Where each call's metadata stands: decoding all of it would take a million small objects.
  #metadata(reader) {
    const calls = [];
    const places = [];
    for (let at = -1, distance = reader.number(); distance > 0; distance = reader.number()) {
      at += distance;
      calls.push(at);
      places.push(reader.at);
      reader.skipPairs();
    }
    reader.complete = true;
    return { reader, calls, places };
  }

  // Where in the log a call stands that is known from elsewhere, or -1.
  find({ thread, fn, start, duration }) {
    const calls = this.calls();
    for (let at = lowerBound(calls.start, start); at < calls.count && calls.start[at] === start; at++) {
      if (calls.fn[at] === fn && calls.thread[at] === thread && calls.duration[at] === duration) return at;
    }
    return -1;
  }

  // The functions along a path, outermost first; what a limit cut off is -1.
  stack({ path, fn }) {
    if (path < 0) return [-1, fn];
    const paths = this.paths();
    const stack = [];
    for (let at = path; at >= 0; at = paths.parent[at]) stack.push(paths.fn[at]);
    return stack.reverse();
  }
}

// The first place in a sorted column whose value is not below `value`.
export function lowerBound(column, value, from = 0, to = column.length) {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (column[middle] < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
