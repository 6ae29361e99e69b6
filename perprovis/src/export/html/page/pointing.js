// Wheel, drag, pinch and clicks on a canvas that shows an interval.

const STILL = 4; // pixels that a click may move
const FASTEST = 240; // pixels of one turn of the wheel that count

// `on`: pan(pixels), scroll(pixels), zoom(place 0..=1, factor), hover(x, y, event), leave(), click(x, y), and with Shift
// span(x, x, done), null if it came to nothing.
export function pointing(canvas, on) {
  const pointers = new Map();
  let dragged = false;
  let spanned = null; // where a span began
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top, box.width];
  };
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    on.leave();
    const unit = event.deltaMode === 1 ? 16 : 1;
    const [x, y] = [event.deltaX * unit, event.deltaY * unit];
    const [at, , width] = place(event);
    if (event.shiftKey || Math.abs(x) > Math.abs(y)) on.pan(x || y);
    else if (event.altKey) on.scroll(y);
    else on.zoom(at / width, Math.exp(Math.max(-FASTEST, Math.min(FASTEST, y)) * (event.ctrlKey ? 0.01 : 0.0022)));
  }, { passive: false });
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, event);
    dragged = pointers.size > 1;
    spanned = event.shiftKey && !dragged ? place(event)[0] : null;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    const last = pointers.get(event.pointerId);
    const [at, down, width] = place(event);
    if (!last) {
      canvas.style.cursor = on.hover(at, down, event) ? 'pointer' : 'grab';
      return;
    }
    const [x, y] = [event.clientX - last.clientX, event.clientY - last.clientY];
    if (!dragged && Math.abs(x) + Math.abs(y) < STILL) return;
    if (!dragged) on.leave();
    dragged = true;
    canvas.style.cursor = spanned === null ? 'grabbing' : 'col-resize';
    if (spanned !== null) on.span(Math.min(spanned, at), Math.max(spanned, at), false);
    else if (pointers.size === 1) {
      on.pan(-x);
      on.scroll(-y);
    } else {
      const other = [...pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
      const [was, is] = [Math.abs(last.clientX - other.clientX), Math.abs(event.clientX - other.clientX)];
      if (was > 8 && is > 8) on.zoom((at + place(other)[0]) / 2 / width, was / is);
    }
    pointers.set(event.pointerId, event);
  });
  const release = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    canvas.style.cursor = 'grab';
    if (spanned !== null && dragged) {
      const [at] = place(event);
      on.span(...event.type === 'pointerup' ? [Math.min(spanned, at), Math.max(spanned, at), true] : [null]);
    }
    if (!dragged && event.type === 'pointerup') on.click(...place(event));
  };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerleave', () => on.leave());
}
