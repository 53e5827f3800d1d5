// Passes updates from the server to the parts of the page. The part of the URL after `#` holds the ids of the shown trace and span.
import { makeActions } from './actions.js';
import { makeCharts } from './charts.js';
import { byId, write } from './element.js';
import { makeList } from './list.js';
import { listen } from './updates.js';
import { showPartitions } from './partitions.js';
import { showServices } from './services.js';
import { makeTrace } from './trace.js';

/** Number of frames to keep. A frame has the values of one second. The server keeps the same number. */
const FRAMES_KEPT = 300;

const summaries = new Map();
const frames = new Map();
let state = { phase: 'starting', speed: 'full' };
let connected = false;
let awaitedOrder;

const trace = makeTrace(() => list.focus());
const list = makeList(async id => {
  location.hash = id;
  await showFragment();
  trace.focus();
});
const charts = makeCharts();
const actions = makeActions(order => {
  awaitedOrder = order;
  openAwaitedTrace(summaries.values());
});

/** Shows the trace and span that the URL names. */
async function showFragment() {
  const [id, span] = location.hash.slice(1).split('/');
  if (id === '' || id === 'trace-list') return;
  list.select(id);
  await trace.choose({ trace: id, span });
}
addEventListener('hashchange', () => void showFragment());

/** When the first spans of a newly placed order arrive, opens its trace. */
function openAwaitedTrace(candidates) {
  const found =
    awaitedOrder === undefined ? undefined : [...candidates].find(({ keys }) => keys.includes(awaitedOrder));
  if (!found) return;
  awaitedOrder = undefined;
  location.hash = found.id;
}

/** Until the user chooses a trace, shows the latest trace that includes the most services. */
function showDefaultTrace() {
  if (trace.chosen.trace !== undefined || location.hash.length > 1) return;
  const [first] = [...summaries.values()].sort(
    (a, b) => b.services.length - a.services.length || b.start - a.start,
  );
  // While the demo starts, traces are still incomplete. Wait, so that the page does not jump from one trace to another.
  if (state.phase === 'starting') return;
  if (first) history.replaceState(null, '', `#${first.id}`);
  void showFragment();
}

listen({
  update(update) {
    if (update.snapshot) {
      summaries.clear();
      frames.clear();
    }
    for (const id of update.evicted) summaries.delete(id);
    for (const summary of update.traces) summaries.set(summary.id, summary);
    for (const frame of update.frames) frames.set(frame.at, frame);
    const ordered = [...frames.values()].sort((a, b) => a.at - b.at).slice(-FRAMES_KEPT);
    for (const at of frames.keys()) if (at < (ordered[0]?.at ?? 0)) frames.delete(at);

    state = update.state;
    showServices(update.lastSeen);
    list.update(summaries, update.traces);
    if (update.snapshot || update.frames.length > 0) charts.update(ordered);
    showPartitions(update.partitions);
    openAwaitedTrace(update.traces);
    showDefaultTrace();
    void trace.refresh(new Set(update.traces.flatMap(({ id, linked }) => [id, ...linked])));
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
    connected ? (state.phase === 'starting' ? 'Starting …' : 'Live') : 'Connection lost, reconnecting …',
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

// The user may have opened a URL that names a trace.
void showFragment();
