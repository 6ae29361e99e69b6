// The frame around the views: what is shown, what is picked, and both in the address.
import { Colours } from './colour.js';
import { Model, embeddedBlock } from './model.js';
import { Tooltip } from './tooltip.js';
import { flame } from './flame.js';
import { functionLink, h } from './dom.js';
import { functionPage } from './function.js';
import { functionTable } from './functions.js';
import { overview } from './overview.js';
import { neighbours } from './tree.js';
import { percent, time } from './format.js';
import { timeline } from './timeline.js';

const VIEWS = [
  ['overview', 'Overview', overview], ['functions', 'Functions', functionTable], ['flame', 'Flame graph', flame],
  ['timeline', 'Timeline', timeline], ['function', 'Function', functionPage],
];

// What the address can say. A function stands there by its name, so that an address holds for a report of the
// same program made anew.
const DEFAULTS = {
  view: 'overview', fn: null, filter: '', sort: '', order: 'down', thread: '-1', invert: '', heat: '', measure: '', width: '', q: '', zoom: '', from: '', to: '', call: '',
};

const KEYS = [
  ['1 … 5', 'go to a view'], ['/', 'to the search or filter of the view'], ['Escape', 'pick nothing, zoom out'], ['t', 'light, dark, or as the system'],
  ['Flame graph', 'arrow keys move, Enter zooms in, Escape out, Space picks'], ['Timeline', 'arrow keys or WASD, + and − zoom, 0 shows all, F folds, N and P: next and previous call of the picked function; Shift and dragging measures and zooms in'],
  ['Table', 'up and down between functions, Enter opens one, Space picks'],
];

class App {
  #views = new Map();
  #written = '';
  #themeListeners = [];

  constructor() {
    this.model = new Model(embeddedBlock);
    this.colours = new Colours(this.model.functions);
    this.tooltip = new Tooltip();
    this.state = { ...DEFAULTS };
    this.main = document.getElementById('main');
    this.#head();
    addEventListener('hashchange', () => { if (location.hash !== this.#written) this.#follow(); });
    addEventListener('keydown', (event) => this.#key(event));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#themed());
    this.#follow();
  }

  onTheme(listener) {
    this.#themeListeners.push(listener);
  }

  // Changes what is shown. Typing and panning replace the entry in the history, going somewhere makes a new one;
  // `quiet` changes the address only.
  go(changes, { replace = false, quiet = false } = {}) {
    Object.assign(this.state, changes);
    const hash = this.href(this.state);
    if (hash !== this.#written) {
      this.#written = hash;
      history[replace ? 'replaceState' : 'pushState'](null, '', hash);
    }
    if (!quiet) this.#show();
  }

  // The address of a view with these settings, others as they are by default; the pick goes along.
  href(settings) {
    const parameters = new URLSearchParams();
    const wanted = { ...DEFAULTS, fn: this.state.fn, ...settings };
    for (const [key, value] of Object.entries(wanted)) {
      if (value === DEFAULTS[key] || value === undefined) continue;
      parameters.set(key, key === 'fn' ? this.model.functions[value].name : value);
    }
    return `#${parameters}`;
  }

  // Lights a function up in all views, or none if it is picked already.
  pick(fn) {
    this.go({ fn: this.state.fn === fn ? null : fn }, { replace: true });
  }

  // Marks what stands for the picked function within an element.
  light(element) {
    for (const lit of element.querySelectorAll('.lit')) lit.classList.remove('lit');
    if (this.state.fn === null) return;
    for (const it of element.querySelectorAll(`[data-fn="${this.state.fn}"]`)) it.classList.add('lit');
  }

  #follow() {
    const parameters = new URLSearchParams(location.hash.slice(1));
    const state = { ...DEFAULTS };
    for (const key of Object.keys(DEFAULTS)) if (parameters.has(key)) state[key] = parameters.get(key);
    state.fn = this.model.byName.get(parameters.get('fn')) ?? null;
    if (!VIEWS.some(([id]) => id === state.view)) state.view = DEFAULTS.view;
    this.state = state;
    this.#written = location.hash;
    this.#show();
  }

  // For tests.
  neighbours(fn) {
    return neighbours(this.model, fn);
  }

  view(id) {
    if (!this.#views.has(id)) {
      const view = VIEWS.find(([known]) => known === id)[2](this);
      view.element.hidden = true;
      this.main.append(view.element);
      this.#views.set(id, view);
    }
    return this.#views.get(id);
  }

  #show() {
    const { state } = this;
    this.tooltip.hide();
    const shown = this.view(state.view);
    document.getElementById('loading')?.remove();
    for (const [id, view] of this.#views) view.element.hidden = id !== state.view;
    shown.show(state);
    for (const tab of this.tabs) {
      if (tab.dataset.view === state.view) {
        tab.setAttribute('aria-current', 'page');
        tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      } else tab.removeAttribute('aria-current');
      tab.href = this.href({ ...state, view: tab.dataset.view });
    }
    const [, title] = VIEWS.find(([id]) => id === state.view);
    document.title = `${state.view === 'function' && state.fn !== null ? this.model.functions[state.fn].short.slice(0, 80) : title} · perprovis`;
    this.#pickBar();
  }

  // The line at the bottom is always there, so that picking moves nothing.
  #pickBar() {
    const { fn } = this.state;
    const bar = document.getElementById('pick');
    if (fn === null) {
      bar.replaceChildren(h('span', { class: 'muted' }, this.model.functions.length === 0 ? 'Nothing was recorded.' : 'Pick a function, and it is lit in every view.'));
      return;
    }
    const f = this.model.functions[fn];
    const go = (view, text) => h('a', { class: 'button', href: this.href({ ...this.state, view }), 'aria-current': this.state.view === view ? 'page' : null }, text);
    bar.replaceChildren(
      functionLink(this, fn),
      h('span', { class: 'pick-facts' }, `total ${percent(f.share)} · self ${percent(f.selfShare)}${Number(f.calls) > 0 ? ` · p50 ${time(f.p50)}` : ''}`),
      h('span', { class: 'pick-links' }, go('function', 'Details'), go('flame', 'Flame graph'), go('timeline', 'Timeline'),
        h('button', { type: 'button', class: 'button', 'aria-label': 'Pick nothing', title: 'Pick nothing (Escape)', onclick: () => this.pick(fn) }, '×')));
  }

  #head() {
    this.tabs = VIEWS.map(([id, title], index) => h('a', { href: `#view=${id}`, 'data-view': id, title: `${title} (${index + 1})` }, title.split(' ')[0], h('span', { class: 'rest' }, title.slice(title.split(' ')[0].length))));
    document.getElementById('tabs').append(...this.tabs);
    const keys = h('dialog', { class: 'keys', 'aria-labelledby': 'keys-title' },
      h('form', { method: 'dialog' }, h('h2', { id: 'keys-title' }, 'Keys'),
        h('dl', {}, KEYS.map(([key, what]) => h('div', {}, h('dt', {}, key), h('dd', {}, what)))), h('button', { class: 'button' }, 'Close')));
    document.body.append(keys);
    if (this.model.before) document.querySelector('.brand').append(h('span', { class: 'aside' }, 'two reports compared'));
    this.themeButton = h('button', { type: 'button', class: 'button', onclick: () => this.#nextTheme() });
    document.getElementById('tools').append(this.themeButton,
      h('button', { type: 'button', class: 'button keys-button', 'aria-label': 'Keys', title: 'Keys (?)', onclick: () => keys.showModal() }, '?'));
    this.keys = keys;
    this.#themed();
    document.getElementById('skip').addEventListener('click', (event) => {
      event.preventDefault(); // the address is not for anchors here
      this.main.focus();
    });
  }

  #nextTheme() {
    const root = document.documentElement;
    const next = { auto: 'light', light: 'dark', dark: 'auto' }[root.dataset.theme] ?? 'light';
    root.dataset.theme = next;
    try { localStorage.setItem('perprovis-theme', next); } catch { /* no storage: for this time only */ }
    this.#themed();
  }

  #themed() {
    const theme = document.documentElement.dataset.theme ?? 'auto';
    const [sign, name] = { auto: ['◐', 'as the system'], light: ['☀', 'light'], dark: ['☾', 'dark'] }[theme] ?? ['◐', 'as the system'];
    this.themeButton.textContent = sign;
    this.themeButton.title = `Colours: ${name} (t)`;
    this.themeButton.setAttribute('aria-label', `Colours: ${name}`);
    for (const listener of this.#themeListeners) listener();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.keys.open) return;
    const typing = event.target.closest?.('input, select, textarea');
    if (event.key === 'Escape') {
      if (typing?.value && typing.matches('input')) {
        typing.value = '';
        typing.dispatchEvent(new Event('input'));
      } else if (typing) typing.blur();
      else if (this.state.fn !== null && this.state.view !== 'function') this.pick(this.state.fn);
      else return;
      event.preventDefault();
      return;
    }
    if (typing) return;
    const view = VIEWS[Number(event.key) - 1];
    if (view) this.go({ view: view[0] });
    else if (event.key === '/') this.view(this.state.view).search?.focus();
    else if (event.key === '?') this.keys.showModal();
    else if (event.key === 't') this.#nextTheme();
    else return;
    event.preventDefault();
  }
}

try {
  window.perprovis = new App(); // a name for the console and for tests
} catch (error) {
  document.getElementById('main').replaceChildren(h('p', { class: 'loading', role: 'alert' }, `This report cannot be shown: ${error.message}`));
  throw error;
}
