import { assignColours, colourOf } from './colours.js';
import { byId, element, write } from './element.js';

/** A service that sends no data for this long is shown as silent. Services export their metrics every second. */
const SILENT_AFTER_S = 5;

const chips = new Map();
let lastSeen = {};

/** Shows the services, and marks those that no longer send data. */
export function showServices(latest) {
  lastSeen = latest;
  assignColours(Object.keys(lastSeen));
  for (const name of Object.keys(lastSeen).sort()) {
    if (chips.has(name)) continue;
    const state = element('span', { class: 'quiet' });
    byId('services').append(
      element(
        'li',
        { class: colourOf(name), 'data-service': name },
        element('i', { class: 'dot' }),
        name,
        state,
      ),
    );
    chips.set(name, state);
  }
}

setInterval(() => {
  for (const [name, state] of chips) {
    const ago = Math.round((Date.now() - lastSeen[name]) / 1000);
    const silent = ago > SILENT_AFTER_S;
    state.parentElement.classList.toggle('silent', silent);
    write(state, silent ? `no data for ${ago} s` : '');
  }
}, 1000);
