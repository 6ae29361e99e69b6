// The box beside the pointer. It never takes the pointer, and what it says stands elsewhere for the keyboard.
import { h } from './dom.js';

const GAP = 14;

export class Tooltip {
  constructor() {
    this.element = h('div', { class: 'tooltip', role: 'tooltip', hidden: true });
    document.body.append(this.element);
    addEventListener('hashchange', () => this.hide());
  }

  show(x, y, content) {
    const { element } = this;
    element.replaceChildren(...content);
    element.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = x + GAP + width > innerWidth ? x - GAP - width : x + GAP;
    const top = y + GAP + height > innerHeight ? y - GAP - height : y + GAP;
    element.style.left = `${Math.max(4, Math.min(left, innerWidth - width - 4))}px`;
    element.style.top = `${Math.max(4, Math.min(top, innerHeight - height - 4))}px`;
  }

  hide() {
    this.element.hidden = true;
  }
}
