// One frame of the flame graph: its colour, and all that is known of it in words.
import { ROOT } from './tree.js';
import { change, changeShare, clip, count, counted, percent, time } from './format.js';
import { changed, heat } from './colour.js';
import { h } from './dom.js';
import { nameOf } from './calls.js';

// How frames are told: `paint` by name, heat or change; `measure` total or self; `invert`: callers; `earlier`: widths
// are those of the earlier of two reports; `most`, the largest measure of a frame, is the dark end of heat.
export class Telling {
  constructor(app, tree, { invert, measure, heat, width }, most) {
    Object.assign(this, { app, tree, invert: invert !== '', self: measure === 'self', most });
    this.whole = tree.root.total || 1;
    this.compared = tree.other !== null;
    this.earlier = this.compared && width === 'before';
    this.paint = heat || (this.compared ? 'change' : 'name');
  }

  // What was measured, before and now; upside down only time that passed through is known.
  pair(node) {
    const self = this.self && !this.invert && node.fn !== ROOT;
    const [shown, other] = self ? [node.self, node.otherSelf] : [node.total, node.other];
    return this.earlier ? [shown, other] : [other, shown];
  }

  fill(node) {
    if (this.paint === 'heat') return heat(this.most > 0 ? (this.self ? node.self : node.total) / this.most : 0);
    if (this.paint === 'change' && this.compared) return changed(...this.pair(node));
    return node.fill ?? this.app.colours.of(node.fn);
  }

  // What stands behind the name in a frame.
  figure(node) {
    if (this.paint === 'change' && this.compared) return changeShare(...this.pair(node));
    return percent((this.self && !this.invert && node.fn !== ROOT ? node.self : node.total) / this.whole);
  }

  // In one line.
  describe(node, label) {
    const { app, whole } = this;
    const since = this.compared ? `; ${this.#other(node)}` : '';
    if (node.fn === ROOT) return `${label}: ${time(node.total)} in profiled code${since}`;
    const share = `${time(node.total)}, ${percent(node.total / whole)}`;
    const name = nameOf(app, node.fn);
    if (this.invert) return `${name}: ${node.depth === 0 ? `self time ${share}` : `${share} of self time came through here`}${since}`;
    return `${name}: total ${share}, self ${time(node.self)}, ${percent(node.self / whole)}, ${counted(node.calls, 'call')}${node.open > 0 ? ', running' : ''}${since}`;
  }

  // The same in the other report, and the change from the earlier to the later one.
  #other(node) {
    const [before, now] = this.earlier ? [node.total, node.other] : [node.other, node.total];
    return `${this.earlier ? 'now' : 'before'} ${time(node.other)}, ${change(before, now)}, ${changeShare(before, now)}`;
  }

  // In a box.
  tooltip(node) {
    const { whole, compared, earlier } = this;
    const line = (title, shown, other) => {
      const [before, now] = earlier ? [shown, other] : [other, shown];
      return h('tr', {}, h('th', {}, title), h('td', {}, time(shown)), h('td', {}, percent(shown / whole)),
        compared ? h('td', { class: now > before ? 'slower' : now < before ? 'faster' : 'muted' }, `${change(before, now)} (${changeShare(before, now)})`) : null);
    };
    const rows = this.invert ? [line(node.depth === 0 ? 'Self' : 'Self time through here', node.total, node.other)]
      : [line('Total', node.total, node.other), line('Self', node.self, node.otherSelf)];
    if (node.parent && node.parent.fn !== ROOT) {
      rows.push(h('tr', {}, h('th', {}, this.invert ? 'Of the frame above' : 'Of its caller'), h('td', {}), h('td', {}, percent(node.total / (node.parent.total || 1)))));
    }
    return [
      h('div', { class: 'tooltip-title' }, clip(nameOf(this.app, node.fn), 300)),
      h('table', {}, h('tbody', {}, rows)),
      this.invert ? null : h('div', { class: 'muted' }, counted(node.calls, 'completed call'), node.open > 0 ? `, ${count(node.open)} running` : ''),
      node.fn === -1 ? h('div', { class: 'muted' }, 'Calls that the limits of depth or paths kept out of the tree.') : null,
    ].filter(Boolean);
  }
}
