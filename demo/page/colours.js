// Blue, amber, green, purple: distinguishable with all common colour blindness, also by lightness. Red is only for errors.
const COUNT = 4;

const numbers = new Map();

/** The class with the colour of a service, the same everywhere on the page. A consumer group has the colour of its service. */
export function colourOf(name) {
  let number = numbers.get(name);
  if (number === undefined) {
    const service = [...numbers.keys()].find(known => name.startsWith(`${known}-`));
    number = service === undefined ? numbers.size % COUNT : numbers.get(service);
    if (service === undefined) numbers.set(name, number);
  }
  return `colour-${number + 1}`;
}

/** Assigns colours in alphabetical order, so they do not depend on which service exports first. */
export function assignColours(names) {
  for (const name of [...names].sort()) colourOf(name);
}
