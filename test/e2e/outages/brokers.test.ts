import { startOwnCluster } from '../../outages/cluster';
import { waitForLines } from '../../outages/fault';
import { brokerKilled, rebalanceStorm } from '../../outages/faults/brokers';
import { judged, nothing } from './judged';

/** What bare kafkajs reaches in the five runs of `npm run test:faults` under a kill; a single run may stay below. */
const KNOWN_MOST = 2;

test('a broker that is killed and comes back costs an instrumented program no more than a bare one', async () => {
  const cluster = await startOwnCluster(1);
  try {
    expect(await judged(brokerKilled, cluster, KNOWN_MOST)).toEqual(nothing(brokerKilled));
  } finally {
    await cluster.stop();
  }
});

test('a group that is rebalanced over and over loses and repeats no more messages than a bare one', async () => {
  const fault = rebalanceStorm('storm', programs => waitForLines(programs, /"round":3\b/));
  expect(await judged(fault)).toEqual(nothing(fault));
});
