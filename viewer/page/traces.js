import { byId, write } from './element.js';
import { clock, counted, duration, whole } from './format.js';
import { makeFilters } from './filters.js';
import { makeList } from './list.js';
import { makeQuery } from './query.js';
import { listRoute } from './route.js';
import { makeTable } from './table.js';

/** Number of traces that are shown at first. Each click adds the same number. */
const STEP = 200;
const GROUPS_SHOWN = 6;

/**
 * Creates the search for traces: the filters, the traces grouped by their first span, and the list.
 *
 * @param {(id: string) => void} open
 */
export function makeTraces(open) {
  const filters = makeFilters();
  const list = makeList({
    open,
    openAlike: ({ name, service }) => {
      location.hash = listRoute({ ...filter, root: name, rootService: service });
    },
    back: filters.focus,
  });
  const query = makeQuery(show);
  const groups = makeTable(
    'Traces by their first span',
    [
      {
        title: 'First span',
        text: ({ name }) => name,
        link: ({ name, service }) => listRoute({ ...filter, root: name, rootService: service }),
        colour: ({ service }) => service,
      },
      { title: 'Service', text: ({ service }) => service },
      { title: 'Traces', number: true, text: ({ count }) => whole(count) },
      {
        title: 'With errors',
        number: true,
        text: ({ errors }) => whole(errors),
        failed: ({ errors }) => errors > 0,
      },
      { title: 'p50', number: true, text: ({ p50 }) => duration(p50) },
      { title: 'p95', number: true, text: ({ p95 }) => duration(p95) },
      { title: 'Latest', number: true, text: ({ latest }) => clock(latest) },
    ],
    ({ name, service }) => `${service} ${name}`,
  );
  byId('roots').append(groups.root);
  let filter = {};
  let limit = STEP;
  let allGroups = false;
  let found;
  let stored = { traces: 0, spans: 0, spanLimit: 0, removedTraces: 0 };

  byId('more-traces').addEventListener('click', () => {
    limit += STEP;
    query.run(filter, limit);
  });
  byId('more-roots').addEventListener('click', () => {
    allGroups = !allGroups;
    if (found) show(found);
  });

  function show(given) {
    found = given;
    const { matches, traces, roots } = found;
    groups.update(allGroups ? roots : roots.slice(0, GROUPS_SHOWN));
    byId('roots').hidden = roots.length === 0;
    const more = byId('more-roots');
    more.hidden = roots.length <= GROUPS_SHOWN;
    write(more, allGroups ? 'Show fewer' : `Show all ${whole(roots.length)}`);
    more.ariaExpanded = String(allGroups);

    list.update(traces);
    const shown = traces.reduce((sum, { similar }) => sum + 1 + similar, 0);
    write(byId('count'), shown < matches ? `latest ${whole(shown)} of ${whole(matches)}` : whole(matches));
    byId('more-traces').hidden = shown === matches;
    showEmpty();
  }

  function showEmpty() {
    const place = byId('no-traces');
    place.hidden = found === undefined || found.traces.length > 0;
    if (place.hidden) return;
    const isFiltered = Object.keys(filter).length > 0;
    write(
      place,
      stored.traces > 0 && isFiltered
        ? 'No stored trace matches these filters. Remove one of them, or search for a part of a name.'
        : 'No trace has arrived yet. They appear here as soon as your program sends or reads a message.',
    );
  }

  return {
    show(given) {
      if (listRoute(given) !== listRoute(filter)) limit = STEP;
      filter = given;
      filters.show(filter);
      query.run(filter, limit);
    },
    /**
     * Call this for each update from the server. Asks for the traces again if they may have changed and the list is
     * visible.
     */
    update({ snapshot, changed, map, lastSeen, stored: now }, isVisible) {
      filters.offer(
        Object.keys(lastSeen),
        map.nodes.filter(({ kind }) => kind === 'topic').map(({ name }) => name),
      );
      const wasRemoved = now.removedTraces !== stored.removedTraces;
      stored = now;
      showStored(stored);
      if (isVisible && (snapshot || wasRemoved || changed === 'many' || changed.length > 0)) query.refresh();
    },
    select: list.select,
    focus: list.focus,
  };
}

function showStored({ traces, spans, spanLimit, removedTraces }) {
  const kept = `${counted(traces, 'trace')} with ${counted(spans, 'span')} in memory`;
  write(
    byId('stored'),
    removedTraces === 0
      ? `${kept}. The oldest traces are removed above ${whole(spanLimit)} spans.`
      : `${kept}. ${counted(removedTraces, 'older trace')} ${removedTraces === 1 ? 'was' : 'were'} removed, because the viewer keeps at most ${whole(spanLimit)} spans.`,
  );
}
