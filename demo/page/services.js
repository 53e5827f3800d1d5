import { colourOf, nameServices } from './colours.js';
import { byId, element, write } from './element.js';

/** Services export their metrics every second. */
const SILENT_AFTER_S = 5;

const chips = new Map();
let heard = {};

/** Shows who sends, and who has fallen silent. */
export function showServices(latest) {
  heard = latest;
  nameServices(Object.keys(heard));
  for (const name of Object.keys(heard).sort()) {
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
    const ago = Math.round((Date.now() - heard[name]) / 1000);
    const silent = ago > SILENT_AFTER_S;
    state.parentElement.classList.toggle('silent', silent);
    write(state, silent ? `silent for ${ago} s` : '');
  }
}, 1000);
