import { byId, write } from './element.js';

/** Shows whether the page is connected. If the viewer has ended, shows the reason. */
export function showConnection({ phase, reason }, connected) {
  const place = byId('connection');
  place.dataset.state = connected ? 'live' : 'lost';
  const live = phase === 'starting' ? 'Starting …' : 'Live';
  write(place, connected ? live : 'Connection lost, reconnecting …');
  const notice = byId('notice');
  notice.hidden = phase !== 'ended';
  write(notice, phase === 'ended' ? `The viewer has ended: ${reason}` : '');
}
