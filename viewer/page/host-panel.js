import { byId, element } from './element.js';
import { findTraces } from './query.js';
import { traceRoute } from './route.js';

/**
 * If the program that hosts the viewer has a panel, loads it. For example, the demo has a panel with buttons that place
 * orders. The module `panel.js` exports `makePanel(place, page)`, which returns `{ show(state, connected) }`.
 */
export function makeHostPanel() {
  let panel;
  let awaitedKey;
  let last;

  const page = {
    /** Opens the trace of the message with this key as soon as its first span has arrived. */
    openTraceOf(key) {
      awaitedKey = key;
      void openAwaited();
    },
  };

  async function openAwaited() {
    const key = awaitedKey;
    if (key === undefined) return;
    const { traces } = await findTraces({ text: key }, 5).catch(() => ({ traces: [] }));
    const found = traces.find(({ keys }) => keys.includes(key));
    if (!found || key !== awaitedKey) return;
    awaitedKey = undefined;
    location.hash = traceRoute(found.id);
  }

  async function load() {
    document.head.append(element('link', { rel: 'stylesheet', href: 'panel.css' }));
    const { makePanel } = await import('./panel.js');
    return makePanel(byId('panel'), page);
  }

  return {
    show(state, connected) {
      if (!state.panel) return;
      last = [state, connected];
      panel ??= load();
      // If several states arrive while the panel loads, only the latest is shown.
      void panel.then(({ show }) => {
        byId('panel').hidden = false;
        show(...last);
      });
    },
    /** Call this when data has arrived, because the panel may wait for a trace. */
    refresh: () => void openAwaited(),
  };
}
