import { follow, completeTraces } from '../../../demo/follow';
import type { ReceivedSpan } from '../../support/otlp';
import { handFed } from '../viewer/hand-fed';
import { declined, names, paid, paidTogether, span, without } from '../viewer/story';

const titleOf = (spans: readonly ReceivedSpan[]) => completeTraces('aaaaaaaa-1', spans, names)?.title;

test('an order is complete when all its spans and the batch that links to it have arrived', () => {
  expect(titleOf(paid())).toBe('A new order');
  expect(titleOf(declined())).toBe('A new order whose card is declined');
  expect(titleOf(without(paid(), 'one-batch'))).toBeUndefined();
  expect([...(completeTraces('aaaaaaaa-1', paidTogether(), names)?.ids ?? [])]).toEqual([
    'aaaaaaaa-1',
    'cccccccc-3',
  ]);
});

test('a request without messages is complete by itself; a batch waits for its orders', () => {
  expect(titleOf(paid().slice(0, 1))).toBe('A request that placed no order');
  const job = span({ id: 'job', name: 'job', service: 'cron', kind: 'INTERNAL', ms: [0, 1] });
  expect(titleOf([job])).toBeUndefined();
  expect(completeTraces('cccccccc-3', paidTogether(), names)).toBeUndefined();
});

test('each new trace is shown once, an incomplete one after a timeout, and earlier ones never', async () => {
  const viewer = handFed();
  viewer.arrive(paid('old', 'dddddddd-4'));
  const shown: string[] = [];
  const broken = new Promise<void>(resolve => {
    follow(
      viewer,
      names,
      (title, ids) => {
        shown.push(`${title}: ${[...ids].join()}`);
        if (title.includes('incomplete')) resolve();
      },
      20,
    );
  });
  viewer.arrive(paid().slice(1));
  viewer.arrive(paid().slice(0, 1));
  viewer.arrive([]);
  expect(shown).toEqual(['A new order: aaaaaaaa-1']);
  viewer.arrive(without(paid('two', 'bbbbbbbb-2'), 'two-insert'));
  // The timer under test does not keep the process alive, so another timer must.
  const hold = setInterval(() => undefined, 1000);
  await broken;
  clearInterval(hold);
  expect(shown.slice(1)).toEqual(['An incomplete trace: bbbbbbbb-2']);
});

test('for many orders at once the terminal only shows the URL', () => {
  const viewer = handFed();
  const shown: string[] = [];
  const stop = follow(viewer, names, (title, ids) => shown.push(`${title} ${ids.size}`), 10_000);
  viewer.arrive(Array.from({ length: 100 }, (_, at) => paid(`o${at}`, `t-${at}`).slice(0, 2)).flat());
  viewer.arrive(Array.from({ length: 100 }, (_, at) => paid(`o${at}`, `t-${at}`).slice(2)).flat());
  stop();
  expect(shown).toEqual(['Many orders at once: their traces are on the page. 0']);
});
