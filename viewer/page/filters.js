import { byId, element } from './element.js';
import { FILTERS, listRoute } from './route.js';

/** While the user types, the search waits this long for the next character. */
const TYPING_MS = 200;

/**
 * Filters that have no field in the form. A click on the map or on a group of traces sets them. The page shows each
 * filter as a button that removes it. A group of traces is given by the name and the service of the first span.
 */
const CHIPS = [
  { title: 'Starts with', names: ['root', 'rootService'] },
  { title: 'Consumer group', names: ['group'] },
];

export function makeFilters() {
  const form = byId('filters');
  const fields = Object.fromEntries(
    [...form.elements].filter(({ name }) => FILTERS.includes(name)).map(field => [field.name, field]),
  );
  let filter = {};
  let typing;

  const apply = push => {
    clearTimeout(typing);
    const wanted = { ...filter };
    for (const [name, field] of Object.entries(fields)) wanted[name] = field.value.trim();
    const target = listRoute(wanted);
    if (target === location.hash) return;
    if (push) location.hash = target;
    else {
      // Do not add a step to the browser's history for every typed character.
      history.replaceState(null, '', target);
      dispatchEvent(new HashChangeEvent('hashchange'));
    }
  };
  form.addEventListener('input', ({ target }) => {
    clearTimeout(typing);
    if (target instanceof HTMLSelectElement) apply(true);
    else typing = setTimeout(apply, TYPING_MS, false);
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    apply(true);
  });

  return {
    show(given) {
      filter = given;
      for (const [name, field] of Object.entries(fields)) {
        const value = filter[name] ?? '';
        if (field instanceof HTMLSelectElement) addOption(field, value);
        if (field.value.trim() !== value) field.value = value;
      }
      const chips = byId('chips');
      const shown = CHIPS.filter(({ names }) => names.some(name => filter[name]));
      chips.replaceChildren(...shown.map(one => chip(one, filter)));
      byId('clear').hidden = Object.keys(filter).length === 0;
    },
    offer(services, topics) {
      for (const name of [...services].sort()) addOption(fields.service, name);
      for (const name of [...topics].sort()) addOption(fields.topic, name);
    },
    focus: () => fields.text.focus(),
  };
}

/** Adds a new option to a field. Keeps the existing options, because the field may be open. */
function addOption(field, value) {
  if (![...field.options].some(option => option.value === value))
    field.append(element('option', { value }, value));
}

function chip({ title, names }, filter) {
  const values = names.flatMap(name => filter[name] ?? []);
  const text = `${title}: ${values.join(' in ')}`;
  return element(
    'a',
    {
      class: 'chip',
      href: listRoute({ ...filter, ...Object.fromEntries(names.map(name => [name, undefined])) }),
      'aria-label': `${text}. Remove this filter`,
    },
    text,
    element('span', { 'aria-hidden': 'true' }, ' ✕'),
  );
}
