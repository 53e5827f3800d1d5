import { handlers, leftovers, refusals } from '../../fault-injection/faults/handlers';
import { withCollectors } from '../../fault-injection/faults/collectors';
import { violationsOf, noViolations } from './violations';

test('failing or hanging handlers, and clients that disconnect during work, behave as without instrumentation', async () => {
  expect(await violationsOf(handlers)).toEqual(noViolations(handlers));
});

test('requests rejected by the broker (fenced transaction, deleted topic, large message) behave as without instrumentation', async () => {
  expect(await violationsOf(refusals)).toEqual(noViolations(refusals));
});

test('a collector that is down, hanging or failing, and a full export queue, do not affect the program', async () => {
  await withCollectors(50, async fault => {
    expect(await violationsOf(fault)).toEqual(noViolations(fault));
  });
});

test('disconnected clients are garbage-collected, and reconnected clients do not accumulate listeners', async () => {
  const fault = leftovers(6);
  expect(await violationsOf(fault)).toEqual(noViolations(fault));
});
