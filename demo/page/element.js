/**
 * Makes an element. Text goes in as text, never as HTML: spans carry whatever a program put in them.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `on…` are listeners; undefined and false are left out, true is an empty one
 * @param {...(Node | string | undefined)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter(child => child !== undefined));
  return made;
}

/** Makes an element of a drawing. */
export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** The element of the page that has an id. */
export const byId = id => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
};

/** Writes text only where it differs, so that screen readers are not told again what they know. */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
