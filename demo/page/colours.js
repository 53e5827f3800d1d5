// Blue, amber, green, purple: told apart with every common colour blindness, also by their lightness. Red is for errors alone.
const COUNT = 4;

const numbers = new Map();

/** The class that gives a service its colour, the same everywhere on the page. A group has the colour of its service. */
export function colourOf(name) {
  let number = numbers.get(name);
  if (number === undefined) {
    const service = [...numbers.keys()].find(known => name.startsWith(`${known}-`));
    number = service === undefined ? numbers.size % COUNT : numbers.get(service);
    if (service === undefined) numbers.set(name, number);
  }
  return `colour-${number + 1}`;
}

/** Gives colours in an order that does not depend on who was heard first. */
export function nameServices(names) {
  for (const name of [...names].sort()) colourOf(name);
}
