// Wires the page: what the server tells goes to the parts that show it, what is chosen goes to the address.
import { makeActions } from './actions.js';
import { makeCharts } from './charts.js';
import { byId, write } from './element.js';
import { makeList } from './list.js';
import { listen } from './news.js';
import { showPartitions } from './partitions.js';
import { showServices } from './services.js';
import { makeTrace } from './trace.js';

/** As long as the server keeps them. */
const FRAMES_KEPT = 300;

const summaries = new Map();
const frames = new Map();
let state = { phase: 'starting', speed: 'full' };
let connected = false;
let awaited;

const trace = makeTrace(() => list.focus());
const list = makeList(async id => {
  location.hash = id;
  await follow();
  trace.focus();
});
const charts = makeCharts();
const actions = makeActions(order => {
  awaited = order;
  showAwaited(summaries.values());
});

/** Shows the trace, and the span, that the address names. */
async function follow() {
  const [id, span] = location.hash.slice(1).split('/');
  if (id === '' || id === 'trace-list') return;
  list.select(id);
  await trace.choose({ trace: id, span });
}
addEventListener('hashchange', () => void follow());

/** The trace of an order that was placed here opens as soon as something of it is there. */
function showAwaited(candidates) {
  const found =
    awaited === undefined ? undefined : [...candidates].find(({ keys }) => keys.includes(awaited));
  if (!found) return;
  awaited = undefined;
  location.hash = found.id;
}

/** Something to look at before anything is chosen: of the traces that cross the most services the latest. */
function showFirst() {
  if (trace.chosen.trace !== undefined || location.hash.length > 1) return;
  const [first] = [...summaries.values()].sort(
    (a, b) => b.services.length - a.services.length || b.start - a.start,
  );
  // The one that is just coming in would be left for a better one a moment later.
  if (state.phase === 'starting') return;
  if (first) history.replaceState(null, '', `#${first.id}`);
  void follow();
}

listen({
  news(news) {
    if (news.whole) {
      summaries.clear();
      frames.clear();
    }
    for (const id of news.gone) summaries.delete(id);
    for (const summary of news.traces) summaries.set(summary.id, summary);
    for (const frame of news.frames) frames.set(frame.at, frame);
    const ordered = [...frames.values()].sort((a, b) => a.at - b.at).slice(-FRAMES_KEPT);
    for (const at of frames.keys()) if (at < (ordered[0]?.at ?? 0)) frames.delete(at);

    state = news.state;
    showServices(news.heard);
    list.update(summaries, news.traces);
    if (news.whole || news.frames.length > 0) charts.update(ordered);
    showPartitions(news.partitions);
    showAwaited(news.traces);
    showFirst();
    void trace.refresh(new Set(news.traces.flatMap(({ id, linked }) => [id, ...linked])));
    showState();
  },
  connected(is) {
    if (is === connected) return;
    connected = is;
    showState();
  },
});

function showState() {
  actions.show(state, connected);
  const place = byId('connection');
  place.dataset.state = connected ? 'live' : 'lost';
  write(
    place,
    connected ? (state.phase === 'starting' ? 'Starting …' : 'Live') : 'Connection lost, trying again …',
  );
  const notice = byId('notice');
  notice.hidden = state.phase !== 'ended';
  write(notice, state.phase === 'ended' ? `The demo has ended: ${state.reason}` : '');
  if (summaries.size === 0)
    write(
      byId('no-traces'),
      state.phase === 'running' ? 'No trace yet. Place an order to see one.' : 'Waiting for the services …',
    );
}

// A hash that was there before the page is followed at once.
void follow();
