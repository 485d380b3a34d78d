/** Suggestions below the search box: a combobox with a list (ARIA 1.2). Without it the box searches all the same. */

/** Milliseconds without a key after which the server is asked. */
const PAUSE = 150;

/**
 * @param {string[]} texts
 * @param {number} place of the chosen one, -1 for none
 * @param {string} key
 * @returns {number} the place after an arrow key; -1 is the box itself
 */
export function moved(texts, place, key) {
  const step = key === 'ArrowDown' ? 1 : -1;
  return ((place + 1 + step + texts.length + 1) % (texts.length + 1)) - 1;
}

/** @param {HTMLInputElement} input inside its form; `data-suggest` names the list */
export function start(input) {
  const { form } = input;
  const list = document.createElement('ul');
  const known = new Map();
  let texts = [];
  let place = -1;
  let timer = 0;
  Object.assign(list, { id: 'suggestions', className: 'suggest', role: 'listbox', ariaLabel: input.dataset.suggest, hidden: true });
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id })) {
    input.setAttribute(name, value);
  }
  input.after(list);

  const show = (found) => {
    texts = found;
    place = -1;
    list.replaceChildren(...texts.map((text, n) => Object.assign(document.createElement('li'), { id: `suggestion-${n}`, role: 'option', textContent: text })));
    list.hidden = !texts.length;
    input.setAttribute('aria-expanded', String(!list.hidden));
    input.removeAttribute('aria-activedescendant');
  };
  const choose = (next) => {
    place = next;
    [...list.children].forEach((item, n) => item.setAttribute('aria-selected', String(n === place)));
    if (place < 0) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `suggestion-${place}`);
  };
  const take = (text) => {
    input.value = text;
    show([]);
    form.requestSubmit();
  };
  const ask = async () => {
    const typed = input.value.trim();
    if (!typed) return show([]);
    if (!known.has(typed)) {
      const answer = await fetch(`${form.action}suggest/?q=${encodeURIComponent(typed)}`);
      known.set(typed, answer.ok ? (await answer.json()).suggestions.filter((text) => text !== typed) : []);
    }
    if (input.value.trim() === typed && document.activeElement === input) show(known.get(typed));
  };

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask().catch(() => show([])), PAUSE);
  });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') choose(moved(texts, place, event.key));
    else if (event.key === 'Escape') show([]);
    else if (event.key === 'Enter' && place >= 0) take(texts[place]);
    else return;
    event.preventDefault();
  });
  list.addEventListener('pointerdown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const item = event.target.closest('li');
    if (item) take(item.textContent);
  });
  input.addEventListener('blur', () => show([]));
}
