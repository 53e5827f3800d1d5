import { byId, write } from './element.js';

/** While the map is empty, shows what to do and hides the parts of the map. */
export function showWelcome({ state, map, stored }) {
  const isEmpty = map.nodes.length === 0;
  byId('welcome').hidden = !isEmpty;
  byId('map-content').hidden = isEmpty;
  if (!isEmpty) return;
  for (const place of document.querySelectorAll('.endpoint')) write(place, location.origin);
  const hasTraces = stored.traces > 0;
  const isStarting = state.panel && state.phase === 'starting';
  write(
    byId('welcome-title'),
    isStarting
      ? 'The services are starting …'
      : hasTraces
        ? 'No Kafka message yet'
        : 'Waiting for your program',
  );
  write(
    byId('welcome-text'),
    hasTraces
      ? 'Traces have arrived, but none of them sent or read a Kafka message. See Traces. The map appears with the first message.'
      : 'The map of services, topics and consumer groups appears here with the first message.',
  );
  byId('welcome-help').hidden = state.panel || hasTraces;
}
