import { byId, element } from './element.js';
import { focusOption, makeTabbable } from './keys.js';
import { traceRoute } from './route.js';
import { drawSpan } from './span.js';
import { drawTrace } from './waterfall.js';

/**
 * Shows a trace and one of its spans. The URL contains their ids, so that the back button of the browser works.
 *
 * @param {() => void} back - returns to the list of traces
 */
export function makeTrace(back) {
  const place = byId('trace-place');
  let drawing;
  let view;
  let chosen = {};
  let requestCount = 0;
  let shownRequest = 0;
  let shownText = '';

  function showMessage(text) {
    drawing?.stop();
    drawing = undefined;
    view = undefined;
    place.replaceChildren(element('p', { class: 'empty' }, text));
  }

  const rowOf = spanId => drawing?.list.querySelector(`[data-span="${CSS.escape(spanId)}"]`);

  function draw() {
    const focused = drawing?.list.contains(document.activeElement)
      ? document.activeElement.dataset.span
      : undefined;
    const inDetails = place.querySelector('.span')?.contains(document.activeElement) ?? false;
    const opened = new Set([...place.querySelectorAll('details[open]')].map(({ id }) => id));
    drawing?.stop();
    drawing = drawTrace(view, {
      open: spanId => {
        location.hash = traceRoute(view.id, spanId);
      },
      back: () => (chosen.span === undefined ? back() : close()),
    });
    for (const details of drawing.root.querySelectorAll('details')) {
      if (opened.has(details.id)) details.open = true;
    }
    place.replaceChildren(drawing.root);
    drawDetails();
    if (focused !== undefined) focusOption(drawing.list, rowOf(focused));
    if (inDetails) place.querySelector('.span')?.focus();
  }

  function drawDetails() {
    place.querySelector('.span')?.remove();
    for (const row of drawing.list.querySelectorAll('[aria-selected=true]')) row.ariaSelected = 'false';
    const span = view.spans.find(({ spanId }) => spanId === chosen.span);
    place.classList.toggle('with-span', span !== undefined);
    if (!span) return;
    const row = rowOf(span.spanId);
    row.ariaSelected = 'true';
    makeTabbable(drawing.list, row);
    place.append(drawSpan(span, close));
  }

  function close() {
    const { span } = chosen;
    location.hash = traceRoute(chosen.trace);
    if (span !== undefined && drawing) focusOption(drawing.list, rowOf(span));
  }

  async function load() {
    const { trace } = chosen;
    const request = ++requestCount;
    const response = await fetch(`traces/${encodeURIComponent(trace)}`);
    const text = await response.text();
    const answer = JSON.parse(text);
    // Ignore a late answer, if the user has chosen another trace or a newer answer is already shown.
    if (trace !== chosen.trace || request < shownRequest) return;
    shownRequest = request;
    if (!response.ok) {
      showMessage(answer.error);
      return;
    }
    // Do not redraw an unchanged trace. A redraw during a click replaces the clicked element, so the click would be
    // lost.
    if (view?.id === trace && text === shownText) return;
    shownText = text;
    view = answer;
    draw();
  }

  return {
    /** Shows a trace. With a span id, also shows the details of that span. */
    async choose(wanted) {
      const same = wanted.trace === view?.id;
      chosen = wanted;
      if (same) drawDetails();
      // The server may have stopped. The page then already shows that the connection is lost.
      await load().catch(() => undefined);
    },
    async refresh(changed) {
      const { trace } = chosen;
      if (trace === undefined) return;
      if (changed === 'many' || changed.includes(trace) || linksToOneOf(view, changed))
        await load().catch(() => undefined);
    },
    leave() {
      chosen = {};
    },
    focus() {
      drawing?.list.querySelector('[role=option][tabindex="0"]')?.focus();
    },
    get chosen() {
      return chosen;
    },
  };
}

/** True if the shown trace is linked with a trace that has changed. The names of linked spans may then be different. */
function linksToOneOf(view, changed) {
  const ids = new Set(changed);
  return (
    view?.spans.some(({ links, linkedFrom }) =>
      [...links, ...linkedFrom].some(({ traceId }) => ids.has(traceId)),
    ) ?? false
  );
}
