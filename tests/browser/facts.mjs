// What must be on the page, computed from the JSON of the report alone.

export const close = (left, right, tolerance = 1e-9) => Math.abs(left - right) <= tolerance * Math.max(1, Math.abs(left), Math.abs(right));

export class Facts {
  // `before` is the earlier report of a page that compares two.
  constructor(report, before = null) {
    this.report = report;
    this.before = before;
    const known = new Set(report.functions.map(({ name }) => name));
    this.gone = before ? before.functions.filter(({ name }) => !known.has(name)) : []; // the page has them behind the others
    this.tick = report.clock.nanos_per_tick;
    const { paths } = report;
    const lists = [...report.threads.map(({ nodes }) => nodes), report.exited.nodes];
    this.self = new Float64Array(paths.length);
    this.cut = new Float64Array(paths.length);
    const most = 2 ** 64 * this.tick;
    this.sum = (left, right) => Math.min(left + right, most); // times saturate
    for (const nodes of lists) {
      for (const [path, , self, , cut] of nodes) {
        this.self[path] = this.sum(this.self[path], self * this.tick);
        this.cut[path] = this.sum(this.cut[path], cut * this.tick);
      }
    }
    this.total = this.self.map((self, path) => this.sum(self, this.cut[path]));
    for (let path = paths.length - 1; path >= 0; path--) {
      const [parent] = paths[path];
      if (parent !== null) this.total[parent] = this.sum(this.total[parent], this.total[path]);
    }
    this.whole = paths.reduce((sum, [parent], path) => (parent === null ? this.sum(sum, this.total[path]) : sum), 0);
    this.saturated = this.whole >= most;
    this.calls = report.functions.reduce((sum, { count }) => sum + BigInt(count), 0n);
    this.logged = report.functions.map(() => 0);
    for (const call of report.calls) this.logged[call[1]]++;
  }

  // The time in which one of these functions was on the stack.
  timeIn(has) {
    const covered = [];
    return this.report.paths.reduce((sum, [parent, fn], path) => {
      covered[path] = (parent !== null && covered[parent]) || has(fn);
      return covered[path] && !(parent !== null && covered[parent]) ? this.sum(sum, this.total[path]) : sum;
    }, 0);
  }

  // When a thread was last looked at, in ticks: in a merged report at the end of the run it belongs to.
  endOf(thread) {
    return (this.report.sources?.find(({ last_thread }) => thread <= last_thread) ?? this.report.clock).run_ticks;
  }

  ofThread(index) {
    return this.report.threads[index].nodes.reduce((sum, [, , self, , cut]) => sum + (self + cut) * this.tick, 0);
  }

  // The function with the most self time that has a name to type in.
  hot() {
    const own = this.report.functions.map(() => 0);
    this.report.paths.forEach(([, fn], path) => { own[fn] += this.self[path]; });
    const order = own.map((time, fn) => [time, fn]).filter(([, fn]) => this.report.functions[fn].name.trim()).sort(([left], [right]) => right - left);
    return order.length > 0 ? order[0][1] : -1;
  }
}
