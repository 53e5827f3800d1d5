// Number of colours. They also differ in lightness, for colour-blind users. Red is only for errors.
const COUNT = 6;

const numbers = new Map();
let next = 0;

/** Returns a CSS class. */
export function colourOf(name) {
  if (!numbers.has(name)) numbers.set(name, next++ % COUNT);
  return `colour-${numbers.get(name) + 1}`;
}

/** Assigns the colours in alphabetical order, so that they do not depend on which service sends data first. */
export function assignColours(services) {
  for (const name of [...services].sort()) colourOf(name);
}

/** Gives a consumer group the colour of the service that runs it. */
export function assignGroupColours(nodes) {
  for (const { kind, name, services } of nodes) {
    if (kind !== 'group' || services.length === 0) continue;
    colourOf(services[0]);
    numbers.set(name, numbers.get(services[0]));
  }
}
