/**
 * Creates an HTML element. Strings become text nodes and never HTML, because span attributes come from untrusted sources.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] names that start with `on` add an event listener; undefined and false are left out;
 * true sets an empty attribute
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

/** Creates an SVG element. */
export function svgElement(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** Returns the element with this id. @throws Error if the page has no such element */
export const byId = id => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
};

/** Sets the text of an element, but only if it differs. Otherwise screen readers would announce the same text again. */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
