// The two trees of the flame graph, grown only as far as they are looked at.
//
// A node is { fn, total, self, calls, open, start, depth, parent, id, other, otherSelf }; `start` is where its
// interval begins on the axis of time, so that its children lie within it; `other` is its total in the other of two
// reports, if there are two. `children` of a node are made when
// first asked for, by time, the largest first.
import { ALL } from './weights.js';
import { TRUNCATED } from './model.js';

const CUT = -1; // the function of what a limit cut off
export const ROOT = -2;

const root = (weights, other) => (
  { fn: ROOT, total: weights.whole, self: 0, calls: 0, open: 0, start: 0, depth: -1, parent: null, id: '', other: other?.whole, otherSelf: 0 });

// From callers to what they called.
export class Callees {
  constructor(model, weights, other) {
    this.model = model;
    this.weights = weights;
    this.other = other;
    const { count, parent } = model.paths();
    // Children of each path behind each other, ordered by time: where they begin is in `from`.
    this.from = new Int32Array(count + 2);
    for (let path = 0; path < count; path++) if (weights.used[path]) this.from[parent[path] + 2]++;
    for (let slot = 1; slot < count + 2; slot++) this.from[slot] += this.from[slot - 1];
    this.order = new Int32Array(this.from[count + 1]);
    const next = this.from.slice();
    for (let path = 0; path < count; path++) if (weights.used[path]) this.order[next[parent[path] + 1]++] = path;
    for (let slot = 0; slot <= count; slot++) {
      if (this.from[slot + 1] - this.from[slot] < 2) continue;
      this.order.subarray(this.from[slot], this.from[slot + 1]).sort((left, right) => weights.total[right] - weights.total[left]);
    }
    this.root = { ...root(weights, other), path: -1 };
  }

  children(node) {
    return (node.children ??= this.#grow(node));
  }

  #grow(node) {
    if (node.fn === CUT) return [];
    const { weights, other } = this;
    const { fn } = this.model.paths();
    const children = [];
    let { start } = node;
    for (let at = this.from[node.path + 1]; at < this.from[node.path + 2]; at++) {
      const path = this.order[at];
      children.push({
        fn: fn[path], total: weights.total[path], self: weights.self[path], calls: weights.calls[path],
        open: weights.open[path], start, depth: node.depth + 1, parent: node, id: String(path), path,
        other: other?.total[path], otherSelf: other?.self[path],
      });
      start += weights.total[path];
    }
    if (node.path >= 0 && (weights.cutTime[node.path] > 0 || weights.cutCalls[node.path] > 0)) {
      const total = weights.cutTime[node.path];
      children.push({
        fn: CUT, total, self: total, calls: weights.cutCalls[node.path], open: 0, start, depth: node.depth + 1,
        parent: node, id: `${node.path}~`, path: -1, other: other?.cutTime[node.path], otherSelf: other?.cutTime[node.path],
      });
      children.sort((left, right) => right.total - left.total);
      start = node.start;
      for (const child of children) {
        child.start = start;
        start += child.total;
      }
    }
    return children;
  }

  // The node with this id, or the root.
  find(id) {
    const cut = id.endsWith('~');
    const path = parseInt(id, 10);
    const { count, parent } = this.model.paths();
    if (!(path >= 0 && path < count)) return this.root;
    const way = [];
    for (let at = path; at >= 0; at = parent[at]) way.push(String(at));
    if (cut) way.unshift(id);
    let node = this.root;
    while (way.length > 0) {
      const wanted = way.pop();
      node = this.children(node).find((child) => child.id === wanted);
      if (!node) return this.root;
    }
    return node;
  }
}

// From functions to their callers: each function's own time, split by who called it. A node stands for
// many paths; it keeps the paths whose time it is made of, and how far up each of them has been followed.
export class Callers {
  constructor(model, weights, other) {
    this.model = model;
    this.weights = weights;
    this.other = other;
    const { count } = model.paths();
    const leaves = [];
    for (let path = 0; path < count; path++) {
      if (weights.self[path] > 0 || other?.self[path] > 0) leaves.push(path);
      if (weights.cutTime[path] > 0 || other?.cutTime[path] > 0) leaves.push(path + count); // what was cut off below it
    }
    this.root = { ...root(weights, other), leaves };
  }

  children(node) {
    return (node.children ??= this.#grow(node));
  }

  // The path `steps` above a leaf; -1 above the outermost call.
  #above(leaf, steps) {
    const { count, parent } = this.model.paths();
    let path = leaf < count ? leaf : leaf - count;
    for (let left = leaf < count ? steps : steps - 1; left > 0 && path >= 0; left--) path = parent[path];
    return path;
  }

  #grow(node) {
    const { count, fn, parent } = this.model.paths();
    const { weights, other } = this;
    const groups = new Map();
    const cursors = node.cursors ?? null;
    node.leaves.forEach((leaf, index) => {
      let path;
      if (node.depth < 0) path = leaf < count ? leaf : -2;
      else path = cursors[index] === -2 ? leaf - count : cursors[index] < 0 ? -1 : parent[cursors[index]];
      if (path === -1) return;
      const key = path === -2 ? CUT : fn[path];
      if (!groups.has(key)) groups.set(key, { leaves: [], cursors: [], total: 0, calls: 0, other: 0 });
      const group = groups.get(key);
      group.leaves.push(leaf);
      group.cursors.push(path);
      group.total += leaf < count ? weights.self[leaf] : weights.cutTime[leaf - count];
      group.calls += leaf < count ? weights.calls[leaf] : weights.cutCalls[leaf - count];
      if (other) group.other += leaf < count ? other.self[leaf] : other.cutTime[leaf - count];
    });
    let { start } = node;
    const depth = node.depth + 1;
    return [...groups].sort(([, left], [, right]) => right.total - left.total).map(([key, group]) => {
      const child = {
        fn: key, total: group.total, self: depth === 0 ? group.total : 0, calls: group.calls, open: 0, start, depth, parent: node,
        id: `${group.leaves[0]}.${depth}`, leaves: group.leaves, cursors: group.cursors,
        other: other ? group.other : undefined, otherSelf: depth === 0 ? group.other : 0,
      };
      start += group.total;
      return child;
    });
  }

  find(id) {
    const [leaf, depth] = id.split('.').map(Number);
    if (!Number.isInteger(depth) || depth > 1e6) return this.root;
    const { count, fn } = this.model.paths();
    let node = this.root;
    for (let steps = 0; steps <= depth; steps++) {
      const path = steps === 0 && leaf >= count ? -2 : this.#above(leaf, steps);
      const wanted = path === -2 ? CUT : fn[path];
      node = this.children(node).find((child) => child.fn === wanted);
      if (!node) return this.root;
    }
    return node;
  }
}

// Which functions have all words of `query` in their name, -1 last. Null for an empty one.
export function matcher(model, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  const has = (name) => words.every((word) => name.includes(word));
  const matched = model.functions.map((f) => has(f.name.toLowerCase()));
  const cut = has(TRUNCATED);
  return { of: (fn) => (fn < 0 ? cut : matched[fn]), functions: matched.filter(Boolean).length };
}

// The time in which a matching function was on the stack, each moment counted once.
export function matchedTime(model, weights, match) {
  const { count, parent, fn } = model.paths();
  const covered = new Uint8Array(count);
  let time = 0;
  for (let path = 0; path < count; path++) {
    if (parent[path] >= 0 && covered[parent[path]]) {
      covered[path] = 1;
    } else if (match.of(fn[path])) {
      covered[path] = 1;
      time += weights.total[path];
    } else if (match.of(CUT)) {
      time += weights.cutTime[path];
    }
  }
  return time;
}

// The time that matching functions took themselves.
export function matchedSelf(model, weights, match) {
  const { count, fn } = model.paths();
  const cut = match.of(CUT);
  let time = 0;
  for (let path = 0; path < count; path++) {
    if (match.of(fn[path])) time += weights.self[path];
    if (cut) time += weights.cutTime[path];
  }
  return time;
}

// Who calls a function, what it calls, and its own time: the rows of either side, and its own, add up to its time in
// the tree. Calls of itself by itself belong to it; what another callee does on its behalf is that callee's.
export function neighbours(model, wanted, weights = model.weights(ALL)) {
  const { count, parent, fn } = model.paths();
  const within = new Uint8Array(count); // is, or lies below, a call of the function
  const region = new Uint8Array(count); // is an outermost call of it, or was called by one directly and is it too
  const [callers, callees] = [new Map(), new Map()];
  const add = (rows, key, calls, time) => {
    const row = rows.get(key) ?? { fn: key, calls: 0, time: 0 };
    row.calls += calls;
    row.time += time;
    rows.set(key, row);
  };
  const sum = { self: 0, total: 0 };
  for (let path = 0; path < count; path++) {
    const above = parent[path];
    const below = above >= 0 && within[above];
    const isIt = fn[path] === wanted;
    within[path] = below || isIt ? 1 : 0;
    if (isIt && weights.used[path]) {
      add(callers, above < 0 ? ROOT : fn[above], weights.calls[path], below ? 0 : weights.total[path]);
      if (!below) sum.total += weights.total[path];
      region[path] = !below || region[above] ? 1 : 0;
      if (region[path]) sum.self += weights.self[path];
      if (weights.cutCalls[path] > 0 || weights.cutTime[path] > 0) {
        add(callees, CUT, weights.cutCalls[path], region[path] ? weights.cutTime[path] : 0);
      }
    } else if (above >= 0 && fn[above] === wanted && weights.used[path]) {
      add(callees, fn[path], weights.calls[path], region[above] ? weights.total[path] : 0);
    }
  }
  const sorted = (rows) => [...rows.values()].sort((left, right) => right.time - left.time || right.calls - left.calls);
  return { callers: sorted(callers), callees: sorted(callees), ...sum };
}
