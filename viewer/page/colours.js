// Blue, amber, green and purple. People with colour blindness can distinguish them too, because they differ in lightness. Red is
// only for errors.
const COUNT = 4;

const numbers = new Map();

/** Returns the CSS class with the colour of a service. The consumer group of a service has the same colour as the service. */
export function colourOf(name) {
  let number = numbers.get(name);
  if (number === undefined) {
    const service = [...numbers.keys()].find(known => name.startsWith(`${known}-`));
    number = service === undefined ? numbers.size % COUNT : numbers.get(service);
    if (service === undefined) numbers.set(name, number);
  }
  return `colour-${number + 1}`;
}

/** Assigns the colours in alphabetical order, so that they do not depend on which service sends data first. */
export function assignColours(names) {
  for (const name of [...names].sort()) colourOf(name);
}
