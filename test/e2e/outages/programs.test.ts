import { handlers, leftovers, refusals } from '../../outages/faults/handlers';
import { withCollectors } from '../../outages/faults/collectors';
import { judged, nothing } from './judged';

test('handlers that throw anything, hang or never settle, and clients ended in the middle, fare as without instrumentation', async () => {
  expect(await judged(handlers)).toEqual(nothing(handlers));
});

test('what the broker refuses (a fenced transaction, a deleted topic, too large a message) ends as without instrumentation', async () => {
  expect(await judged(refusals)).toEqual(nothing(refusals));
});

test('a collector that is down, silent or failing, and a queue that overflows, are not felt', async () => {
  await withCollectors(50, async fault => {
    expect(await judged(fault)).toEqual(nothing(fault));
  });
});

test('disconnected clients are collected, and clients that are used again gather no listeners', async () => {
  const fault = leftovers(6);
  expect(await judged(fault)).toEqual(nothing(fault));
});
