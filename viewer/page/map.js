import { byId } from './element.js';
import { makeFigures } from './figures.js';
import { perSecond, seconds, whole } from './format.js';
import { boxesOf, filterOf } from './map-boxes.js';
import { drawMap } from './map-drawing.js';
import { mapTotals } from './map-figures.js';
import { listRoute } from './route.js';
import { makeTable } from './table.js';

export function makeMap() {
  const frame = byId('map-frame');
  const table = makeTable(
    'The arrows of the map',
    [
      { title: 'From', text: ({ from }) => from.replace(':', ' ') },
      {
        title: 'To',
        text: ({ to }) => to.replace(':', ' '),
        link: ({ from, to }) => listRoute(filterOf(from, to)),
      },
      { title: 'Per second', number: true, text: ({ rate }) => perSecond(rate).replace(' /s', '') },
      { title: 'Total', number: true, text: ({ total }) => whole(total) },
      {
        title: 'Errors',
        number: true,
        text: ({ errors }) => whole(errors),
        failed: ({ errors }) => errors > 0,
      },
      { title: 'Lag', number: true, text: ({ lag }) => (lag === undefined ? '–' : whole(lag)) },
      {
        title: 'Time lag',
        number: true,
        text: ({ timeLag }) => (timeLag === undefined ? '–' : seconds(timeLag)),
      },
    ],
    ({ kind, from, to }) => `${kind} ${from} ${to}`,
  );
  byId('map-table').append(table.root);
  const totals = makeFigures(byId('totals'), ['Sent', 'Consumed', 'Lag', 'Time lag', 'Errors']);
  let latest = { nodes: [], edges: [] };
  let drawn = {};
  let drawing;

  function draw() {
    const available = frame.clientWidth;
    if (available === 0 || latest.nodes.length === 0) return;
    const map = boxesOf(latest);
    // Place the boxes again only if a box or an arrow is new or gone, or if the width of the page has changed.
    const shape = JSON.stringify([
      map.boxes.map(({ id, groups }) => [id, groups.map(group => group.id)]),
      map.arrows.map(({ id, to }) => [id, to]),
    ]);
    if (shape !== drawn.shape || available !== drawn.available) {
      const focused = frame.contains(document.activeElement)
        ? document.activeElement.getAttribute('href')
        : null;
      drawing = drawMap(map, available);
      drawn = { shape, available };
      frame.replaceChildren(drawing.root);
      if (focused !== null) frame.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    }
    drawing.update(latest.edges);
    byId('map-hint').hidden = frame.scrollWidth <= frame.clientWidth;
  }
  new ResizeObserver(draw).observe(frame);

  return {
    update(map) {
      latest = map;
      const { sent, consumed, lag, timeLag, errors } = mapTotals(map);
      totals([perSecond(sent), perSecond(consumed), whole(lag), seconds(timeLag), whole(errors)], errors);
      table.update(map.edges);
      draw();
    },
  };
}
