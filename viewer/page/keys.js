const PAGE = 10;
const MOVES = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: at => Math.max(at - 1, 0),
  PageDown: (at, last) => Math.min(at + PAGE, last),
  PageUp: at => Math.max(at - PAGE, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/**
 * Makes a list usable with keyboard and mouse. The Tab key reaches only one option. Arrow keys move between options.
 * Enter, Space or a click opens an option.
 *
 * @param {HTMLElement} list - its options may change at any time
 * @param {{ open(option: HTMLElement): void, back(): void }} handlers
 */
export function handleListInput(list, { open, back }) {
  const options = () => [...list.querySelectorAll('[role=option]:not([hidden])')];

  list.addEventListener('keydown', event => {
    const { target, key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = options();
    const at = all.indexOf(target);
    const move = MOVES[key];
    if (move && all.length > 0) focusOption(list, all[at === -1 ? 0 : move(at, all.length - 1)]);
    else if ((key === 'Enter' || key === ' ') && at !== -1) open(target);
    else if (key === 'Escape') back();
    else return;
    event.preventDefault();
  });
  list.addEventListener('click', event => {
    const option = event.target.closest('[role=option]');
    if (!option) return;
    focusOption(list, option);
    open(option);
  });
}

/** Makes this option the only option that the Tab key reaches. */
export function makeTabbable(list, option) {
  for (const other of list.querySelectorAll('[role=option][tabindex="0"]')) other.tabIndex = -1;
  option.tabIndex = 0;
}

export function focusOption(list, option) {
  if (!option) return;
  makeTabbable(list, option);
  option.focus();
}
