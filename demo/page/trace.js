import { byId, element } from './element.js';
import { enter, offer } from './keys.js';
import { drawSpan } from './span.js';
import { drawTrace } from './waterfall.js';

/**
 * The chosen trace, and in it the chosen span. Which they are stands in the address, so going back works.
 *
 * @param {() => void} back gives the focus to the list of traces
 */
export function makeTrace(back) {
  const place = byId('trace');
  let drawing;
  let picture;
  let chosen = {};
  let asked = 0;
  let answered = 0;
  let drawn = '';

  say('Choose a trace to see its way through the services.');

  function say(text) {
    drawing?.stop();
    drawing = undefined;
    picture = undefined;
    place.replaceChildren(element('p', { class: 'empty' }, text));
  }

  const rowOf = spanId => drawing?.list.querySelector(`[data-span="${CSS.escape(spanId)}"]`);

  function draw() {
    const focused = drawing?.list.contains(document.activeElement)
      ? document.activeElement.dataset.span
      : undefined;
    const open = place.querySelector('.span');
    const inDetails = open?.contains(document.activeElement) ?? false;
    drawing?.stop();
    drawing = drawTrace(picture, {
      open: spanId => {
        location.hash = `${picture.id}/${spanId}`;
      },
      back: () => (chosen.span === undefined ? back() : close()),
    });
    place.replaceChildren(drawing.root);
    drawDetails();
    if (focused !== undefined) enter(drawing.list, rowOf(focused));
    if (inDetails) place.querySelector('.span')?.focus();
  }

  function drawDetails() {
    place.querySelector('.span')?.remove();
    for (const row of drawing.list.querySelectorAll('[aria-selected=true]')) row.ariaSelected = 'false';
    const span = picture.spans.find(({ spanId }) => spanId === chosen.span);
    if (!span) return;
    const row = rowOf(span.spanId);
    row.ariaSelected = 'true';
    offer(drawing.list, row);
    place.append(drawSpan(span, close));
  }

  function close() {
    const { span } = chosen;
    location.hash = chosen.trace;
    if (span !== undefined && drawing) enter(drawing.list, rowOf(span));
  }

  async function load() {
    const { trace } = chosen;
    const own = ++asked;
    const response = await fetch(`traces/${trace}`);
    const text = await response.text();
    const answer = JSON.parse(text);
    // Another trace was chosen meanwhile, or a later answer was faster.
    if (trace !== chosen.trace || own < answered) return;
    answered = own;
    if (!response.ok) {
      say(answer.error);
      return;
    }
    // Drawn anew, a link could slip away from under a pointer.
    if (picture?.id === trace && text === drawn) return;
    drawn = text;
    picture = answer;
    draw();
  }

  return {
    /** Shows what the address names. */
    async choose(wanted) {
      const same = wanted.trace === picture?.id;
      chosen = wanted;
      if (same) drawDetails();
      else if (chosen.trace !== undefined) await load().catch(() => undefined);
    },
    /** Draws the trace again when it has grown, or another one has linked to it. */
    async refresh(changed) {
      if (chosen.trace !== undefined && changed.has(chosen.trace)) await load().catch(() => undefined);
    },
    /** Moves the focus to the first span, or to the chosen one. */
    focus() {
      const row = drawing?.list.querySelector('[role=option][tabindex="0"]');
      if (row) row.focus();
    },
    get chosen() {
      return chosen;
    },
  };
}
