// What each call path weighs: on one thread or on all, in this report or in an earlier one.

export const ALL = -1; // stands for all threads
export const MERGED = -2; // stands for the threads that were merged because they exited long ago

const COLUMNS = ['calls', 'self', 'cutCalls', 'cutTime'];

// The lists of nodes with the thread that each is of.
export function readNodes(reader, tick) {
  const lists = [];
  for (let left = reader.number(); left > 0; left--) {
    const thread = reader.number() - 1;
    const count = reader.number();
    const list = { thread: thread < 0 ? MERGED : thread, count, path: new Int32Array(count) };
    for (const column of COLUMNS) list[column] = new Float64Array(count);
    for (let node = 0; node < count; node++) {
      list.path[node] = reader.number();
      list.calls[node] = reader.number();
      list.self[node] = reader.number() * tick;
      list.cutCalls[node] = reader.number();
      list.cutTime[node] = reader.number() * tick;
    }
    lists.push(list);
  }
  return lists;
}

// A path's `total` is its own time, that of calls a limit cut off below it, and the total of its children. `open` are
// scopes that may be on a path without a node.
export function weigh({ count, parent }, lists, open, thread, tick) {
  const most = 2 ** 64 * tick;
  const sum = (left, right) => Math.min(left + right, most); // times saturate in a report
  const weights = { thread, open: new Uint32Array(count), used: new Uint8Array(count), whole: 0 };
  for (const column of [...COLUMNS, 'total']) weights[column] = new Float64Array(count);
  for (const list of lists) {
    if (thread !== ALL && thread !== list.thread) continue;
    for (let node = 0; node < list.count; node++) {
      const path = list.path[node];
      weights.used[path] = 1;
      for (const column of ['calls', 'cutCalls']) weights[column][path] += list[column][node];
      for (const column of ['self', 'cutTime']) weights[column][path] = sum(weights[column][path], list[column][node]);
    }
  }
  for (const scope of open) {
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
