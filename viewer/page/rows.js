/**
 * Updates the children of an element to match a list of items. Elements are reused, so that the keyboard focus stays
 * and no click is lost.
 *
 * @param {HTMLElement} parent
 * @param {{ key(item): string, make(item): HTMLElement, fill(row: HTMLElement, item): void }} how
 * @returns {(items: readonly object[]) => void} shows these items
 */
export function makeRows(parent, { key, make, fill }) {
  const rows = new Map();

  return items => {
    const focused = parent.contains(document.activeElement) ? document.activeElement : undefined;
    const wanted = new Set(items.map(key));
    for (const [id, { row }] of rows) {
      if (wanted.has(id)) continue;
      // If the focused row is removed, the browser would move the focus out of the list. Move it to another row
      // instead.
      if (row === focused) (row.previousElementSibling ?? row.nextElementSibling ?? parent).focus();
      row.remove();
      rows.delete(id);
    }
    let place = parent.firstElementChild;
    for (const item of items) {
      const id = key(item);
      let known = rows.get(id);
      if (known === undefined) rows.set(id, (known = { row: make(item), text: undefined }));
      const text = JSON.stringify(item);
      if (text !== known.text) fill(known.row, item);
      known.text = text;
      if (known.row === place) place = place.nextElementSibling;
      else parent.insertBefore(known.row, place);
    }
    if (focused?.isConnected && parent.contains(focused) && focused !== document.activeElement)
      focused.focus();
  };
}
