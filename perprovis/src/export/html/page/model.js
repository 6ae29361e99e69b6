// The report as the views ask for it. Each block is decoded when it is first needed, into columns of
// numbers; times are nanoseconds from here on, counted from the profiler's start.
import { Reader, fromBase64 } from './bytes.js';
import { Fn, readBefore, readName, readStatistics } from './statistics.js';
import { ALL, MERGED, readNodes, weigh } from './weights.js';

export const TRUNCATED = '[truncated]';

function once(make) {
  let made;
  return () => (made ??= make());
}

// Where a block's text stands in the page; null if there is none. Its element goes, so that the text is not kept
// as well.
export function embeddedBlock(name) {
  const element = document.getElementById(`data-${name}`);
  if (!element) return null;
  const bytes = fromBase64(element.textContent);
  element.remove();
  return bytes;
}

export class Model {
  #block;
  #lists;
  #listsBefore;
  #weights = new Map();

  // `block` gives the bytes of a block by its name, and is asked once for each.
  constructor(block) {
    this.#block = (name) => {
      const bytes = block(name);
      return bytes && new Reader(bytes);
    };
    this.#facts(this.#block('facts'));
    this.functions = this.#functions(this.#block('functions'));
    this.recorded = this.functions.length; // those behind are known from the earlier report alone
    const before = this.#block('before');
    this.before = before && readBefore(before, this.functions);
    this.open = once(() => this.#open(this.#block('open')));
    this.paths = once(() => this.#paths(this.#block('paths')));
    this.calls = once(() => this.#calls(this.#block('calls')));
    this.slowest = once(() => this.#slowest(this.#block('slowest')));
    this.metadata = once(() => this.#metadata(this.#block('metadata')));
    this.#lists = once(() => readNodes(this.#block('nodes'), this.tick));
    this.#listsBefore = once(() => readNodes(this.#block('before-nodes'), this.before.tick));
    this.byName = new Map(this.functions.map((f, index) => [f.name, index]));
  }

  #facts(reader) {
    reader.number(); // version: page and data come in one file
    const source = ['CPU counter', 'system clock', 'manual clock'][reader.number()];
    const tick = reader.float();
    this.tick = tick;
    this.clock = { source, tick };
    this.runTime = reader.number() * tick;
    this.sources = reader.number(); // runs merged into this report, 0 if it is one itself
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
    return Array.from({ length: reader.number() }, (_, index) => (
      new Fn(index, readName(reader), readStatistics(reader, this.tick), this.whole)));
  }

  #open(reader) {
    const open = [];
    for (let left = reader.number(); left > 0; left--) {
      const [thread, path, since, until] = [reader.number(), reader.number(), reader.number() * this.tick, reader.number() * this.tick];
      open.push({ thread, path, since, until: Math.max(since, until), elapsed: Math.max(0, until - since) });
    }
    return open;
  }

  // `parent` is -1 for a root. A parent stands before its children; paths that only the earlier report has are
  // the last ones.
  #paths(reader) {
    const gone = this.before && this.#block('before-paths');
    const recorded = reader.number();
    const count = recorded + (gone ? gone.number() : 0);
    const paths = { count, parent: new Int32Array(count), fn: new Int32Array(count), depth: new Int32Array(count) };
    for (let path = 0; path < count; path++) {
      const distance = path < recorded ? reader.number() : 0;
      const parent = path >= recorded ? gone.number() - 1 : distance === 0 ? -1 : path - distance;
      paths.parent[path] = parent;
      paths.depth[path] = parent < 0 ? 0 : paths.depth[parent] + 1;
      paths.fn[path] = (path < recorded ? reader : gone).number();
    }
    return paths;
  }

  // What each path weighs on one thread, or on all; `before` is what it weighed in the earlier report.
  weights(thread) {
    if (!this.#weights.has(thread)) {
      if (this.#weights.size > 8) this.#weights.clear(); // each is some columns as long as the table of paths
      const weights = weigh(this.paths(), this.#lists(), this.open(), thread, this.tick);
      weights.before = this.before ? weigh(this.paths(), this.#listsBefore(), [], thread, this.before.tick) : null;
      this.#weights.set(thread, weights);
    }
    return this.#weights.get(thread);
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
    return this.functions.slice(0, this.recorded).map(() => {
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
