// Passes updates from the server to the parts of the page, and shows the part that the URL names.
import { makeCharts } from './charts.js';
import { showConnection } from './connection.js';
import { makeConsumers } from './consumers.js';
import { byId } from './element.js';
import { makeErrors } from './errors.js';
import { makeHistory } from './history.js';
import { makeHostPanel } from './host-panel.js';
import { makeMap } from './map.js';
import { listRoute, readRoute, traceRoute } from './route.js';
import { showServices } from './services.js';
import { makeTrace } from './trace.js';
import { makeTraces } from './traces.js';
import { listen } from './updates.js';
import { showWelcome } from './welcome.js';

const VIEWS = ['map', 'traces', 'trace', 'consumers', 'metrics'];

const history = makeHistory();
const map = makeMap();
const consumers = makeConsumers();
const charts = [makeCharts(byId('overview'), ['Throughput', 'Lag', 'Time lag']), makeCharts(byId('charts'))];
const errors = makeErrors();
const panel = makeHostPanel();
const trace = makeTrace(() => {
  location.hash = listRoute(lastFilter);
  focusList = true;
});
const traces = makeTraces(id => {
  location.hash = traceRoute(id);
  focusTrace = true;
});

let latest;
let connected = false;
/** The user may return from a trace to the list. The list then has the same filter as before. */
let lastFilter = {};
/** True if the trace or the list must get the keyboard focus when it is shown next. */
let focusTrace = false;
let focusList = false;

/** The view if the URL names none: the map, or the traces if none of them has Kafka messages. */
const defaultView = () =>
  latest !== undefined && latest.map.nodes.length === 0 && latest.stored.traces > 0 ? 'traces' : 'map';

async function showRoute() {
  // Wait for the first update, which has the names of all services. Their colours are assigned in alphabetical order.
  if (latest === undefined) return;
  const { view = defaultView(), filter, trace: id, span } = readRoute(location.hash);
  for (const name of VIEWS) byId(name).hidden = name !== view;
  for (const link of document.querySelectorAll('#views a')) {
    const isCurrent = link.hash === (view === 'trace' ? '#/traces' : `#/${view}`);
    if (isCurrent) link.ariaCurrent = 'page';
    else link.removeAttribute('aria-current');
  }
  if (view === 'traces') {
    lastFilter = filter;
    byId('back').href = listRoute(filter);
    traces.show(filter);
    if (focusList) traces.focus();
    focusList = false;
  }
  if (view !== 'trace') {
    trace.leave();
    return;
  }
  const isOther = trace.chosen.trace !== id;
  traces.select(id);
  await trace.choose({ trace: id, span });
  if (isOther) scrollTo(0, 0);
  if (focusTrace) trace.focus();
  focusTrace = false;
}
addEventListener('hashchange', () => void showRoute());

listen({
  update(update) {
    const before = latest === undefined ? undefined : defaultView();
    latest = update;
    showServices(update.lastSeen);
    showWelcome(update);
    history.add(update);
    map.update(update.map);
    consumers.update(update);
    if (update.snapshot || update.frames.length > 0) for (const some of charts) some.update(history.frames);
    errors.update(update.errors);
    traces.update(update, !byId('traces').hidden);
    void trace.refresh(update.changed);
    panel.refresh();
    showState();
    if (before === undefined || (before !== defaultView() && readRoute(location.hash).view === undefined))
      void showRoute();
  },
  connected(is) {
    if (is === connected) return;
    connected = is;
    showState();
  },
});

function showState() {
  const state = latest?.state ?? { phase: 'starting', panel: false };
  showConnection(state, connected);
  panel.show(state, connected);
}
