// Where the frames of a flame graph go: rows from the root on, from left to right.

const THIN = 0.6; // pixels: what is narrower is drawn together with its neighbours

// The rows of { node, left, right } in pixels, for an interval of time across `width` pixels. A `node` of null stands for
// all that is too narrow to tell apart. Gives each node its `fill`: like neither its caller's nor its neighbour's.
export function layFrames(tree, { from, to, width }, colours) {
  const rows = [];
  const scale = to > from ? width / (to - from) : 0;
  const waiting = [tree.root];
  while (waiting.length > 0) {
    const node = waiting.pop();
    const row = node.depth + 1;
    const left = Math.max(0, (node.start - from) * scale);
    const right = Math.min(width, (node.start + node.total - from) * scale);
    (rows[row] ??= []).push({ node, left, right });
    let beside = null;
    let rest = null; // the last children, since they are ordered by time
    for (const child of tree.children(node)) {
      const [x, end] = [(child.start - from) * scale, (child.start + child.total - from) * scale];
      if (end <= 0 || x >= width || child.total <= 0) continue;
      if (end - x >= THIN) {
        child.fill = colours.beside(child.fn, [node, beside]);
        beside = child;
        waiting.push(child);
      } else if (rest) rest.right = Math.min(width, end);
      else rest = { node: null, left: Math.max(0, x), right: Math.min(width, end) };
    }
    if (rest && rest.right - rest.left >= THIN) (rows[row + 1] ??= []).push(rest);
  }
  for (const row of rows) row?.sort((one, other) => one.left - other.left);
  return rows;
}
