import { assignColours, colourOf } from './colours.js';
import { byId, element, write } from './element.js';
import { listRoute } from './route.js';

/** A service that has sent no data for this long is marked. Programs normally export every second. */
const SILENT_AFTER_S = 10;
const SHOWN = 6;

const chips = new Map();
let lastSeen = {};
let shownCount = 0;

export function showServices(latest) {
  lastSeen = latest;
  const names = Object.keys(lastSeen).sort();
  assignColours(names);
  for (const name of names) {
    if (chips.has(name)) continue;
    const state = element('span', { class: 'quiet' });
    const chip = element(
      'li',
      { class: colourOf(name), 'data-service': name },
      element(
        'a',
        { href: listRoute({ service: name }), title: `Traces of ${name}` },
        element('i', { class: 'dot' }),
        name,
      ),
      state,
    );
    chips.set(name, { chip, state });
  }
  if (names.length !== shownCount) {
    shownCount = names.length;
    byId('services').replaceChildren(
      ...names.slice(0, SHOWN).map(name => chips.get(name).chip),
      ...(names.length > SHOWN
        ? [element('li', { class: 'quiet' }, `and ${names.length - SHOWN} more`)]
        : []),
    );
  }
  markSilent();
}

function markSilent() {
  for (const [name, { chip, state }] of chips) {
    const ago = Math.round((Date.now() - lastSeen[name]) / 1000);
    const silent = ago > SILENT_AFTER_S;
    chip.classList.toggle('silent', silent);
    write(state, silent ? `no data for ${ago < 120 ? `${ago} s` : `${Math.round(ago / 60)} min`}` : '');
  }
}

setInterval(markSilent, 1000);
