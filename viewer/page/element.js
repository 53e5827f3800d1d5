/**
 * Creates an HTML element. Strings become text nodes and never HTML, because span attributes come from untrusted
 * sources.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] a name that starts with `on` adds an event listener; the values
 * undefined and false leave the attribute out; true sets an empty attribute
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

export function svgElement(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** @throws Error if the page has no element with this id */
export const byId = id => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
};

/** Sets the text of an element if it differs. Setting the same text would make screen readers announce it again. */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
