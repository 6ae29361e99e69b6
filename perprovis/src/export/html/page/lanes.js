// Where on the timeline each logged call goes: a lane per thread, within it rows in which nothing overlaps.
//
// A synchronous call stands in the row of its depth, counting synchronous callers only. Calls of async
// functions last from the first poll to completion and so overlap each other and everything else: they
// are packed above, each into the first row that is free. So is whatever overlaps for another reason. Calls whose
// depth is not known, since a limit cut off their path, are packed below.

const PACKED = 48; // rows of overlapping calls in a lane; past it they are drawn over each other

// A growing list of numbers per row.
class Row {
  constructor() {
    this.items = [];
    this.end = -Infinity;
  }
}

export class Lanes {
  constructor(model) {
    this.model = model;
    const calls = model.calls();
    const open = model.open();
    const { count, parent, fn } = model.paths();
    const isAsync = model.functions.map((f) => f.isAsync);
    const depth = new Int32Array(count); // synchronous callers
    for (let path = 0; path < count; path++) {
      const above = parent[path];
      depth[path] = above < 0 ? 0 : depth[above] + (isAsync[fn[above]] ? 0 : 1);
    }
    // Items: the calls, then the open scopes.
    this.count = calls.count + open.length;
    this.start = new Float64Array(this.count);
    this.end = new Float64Array(this.count);
    this.fn = new Int32Array(this.count);
    this.start.set(calls.start);
    for (let call = 0; call < calls.count; call++) {
      this.end[call] = calls.start[call] + calls.duration[call];
      this.fn[call] = calls.fn[call];
    }
    open.forEach((scope, index) => {
      this.start[calls.count + index] = scope.since;
      this.end[calls.count + index] = scope.until;
      this.fn[calls.count + index] = fn[scope.path];
    });
    const threads = model.threads.map(() => ({ packed: [], rows: [], cut: [], over: false }));
    const place = (item, thread, path) => {
      const lane = threads[thread];
      const start = this.start[item];
      let row;
      if (path >= 0 && !isAsync[this.fn[item]]) {
        row = lane.rows[depth[path]] ??= new Row();
        if (row.end > start) row = null;
      }
      const packed = path < 0 ? lane.cut : lane.packed;
      row ??= packed.find((row) => row.end <= start);
      if (!row && packed.length < PACKED) packed.push(row = new Row());
      if (!row) { // the one that is free the soonest
        lane.over = true;
        row = packed.reduce((best, row) => (row.end < best.end ? row : best));
      }
      row.items.push(item);
      row.end = Math.max(row.end, this.end[item]);
    };
    // Both are sorted by start; together they must be as well, for packing and for searching.
    const waiting = open.map((scope, index) => [scope, calls.count + index]).sort(([left], [right]) => left.since - right.since);
    let next = 0;
    for (let call = 0; call <= calls.count; call++) {
      const until = call < calls.count ? calls.start[call] : Infinity;
      for (; next < waiting.length && waiting[next][0].since < until; next++) {
        const [scope, item] = waiting[next];
        place(item, scope.thread, scope.path);
      }
      if (call < calls.count) place(call, calls.thread[call], calls.path[call]);
    }
    this.calls = calls.count;
    this.lanes = [];
    threads.forEach(({ packed, rows, cut, over }, thread) => {
      const all = [...packed, ...Array.from(rows, (row) => row ?? new Row()), ...cut];
      if (all.length === 0) return;
      this.lanes.push({
        thread, packed: packed.length, cut: cut.length, over,
        rows: all.map(({ items }) => ({ items: Int32Array.from(items), covered: null })),
        count: all.reduce((sum, { items }) => sum + items.length, 0),
      });
    });
    this.from = this.lanes.reduce((least, lane) => lane.rows.reduce((least, { items }) => (items.length > 0 ? Math.min(least, this.start[items[0]]) : least), least), Infinity);
    this.to = Math.max(model.runTime, this.end.reduce((most, end) => Math.max(most, end), 0));
    this.from = Number.isFinite(this.from) ? Math.min(this.from, this.to) : 0;
  }

  // The function that called that of an item, -1 if none did or it is not known.
  caller(item) {
    const { parent, fn } = this.model.paths();
    const path = item < this.calls ? this.model.calls().path[item] : this.model.open()[item - this.calls].path;
    return path >= 0 && parent[path] >= 0 ? fn[parent[path]] : -1;
  }

  // The first item of a row that starts at `time` or later.
  search(row, time) {
    const { items } = row;
    let [from, to] = [0, items.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.start[items[middle]] < time) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  // The time that the first `n` items of a row cover together.
  covered(row, n) {
    if (!row.covered) {
      row.covered = new Float64Array(row.items.length + 1);
      row.items.forEach((item, at) => { row.covered[at + 1] = row.covered[at] + this.end[item] - this.start[item]; });
    }
    return row.covered[n];
  }

  // Calls `each(item, from, to)` for what is to be seen of a row between two times, from left to right. Where
  // several begin within `step`, only one call is made for all of them, with the longest of a few and the share
  // of the step that they cover. So it takes as long as the row is wide, however much is in it.
  walk(row, from, to, step, each) {
    const { items } = row;
    let at = this.search(row, from);
    if (at > 0 && this.end[items[at - 1]] > from) at--;
    while (at < items.length) {
      const item = items[at];
      const start = this.start[item];
      if (start >= to) return;
      if (this.end[item] - start >= step || at + 1 >= items.length || this.start[items[at + 1]] - start >= step) {
        each(item, start, Math.max(this.end[item], start), 1);
        at++;
        continue;
      }
      const behind = this.search(row, start + step);
      let longest = item;
      const stride = Math.max(1, Math.floor((behind - at) / 8));
      for (let other = at; other < behind; other += stride) {
        if (this.end[items[other]] - this.start[items[other]] > this.end[longest] - this.start[longest]) longest = items[other];
      }
      const last = items[behind - 1];
      if (this.end[last] > start + step) { // one that goes on: it is drawn for itself
        each(last, this.start[last], this.end[last], 1);
      }
      each(longest, start, start + step, Math.min(1, (this.covered(row, behind) - this.covered(row, at)) / step));
      at = behind;
    }
  }
}
