import { startOwnCluster } from '../../fault-injection/cluster';
import { waitForLines } from '../../fault-injection/fault';
import { brokerKilled, rebalanceStorm } from '../../fault-injection/faults/brokers';
import { violationsOf, noViolations } from './violations';

/**
 * The most deliveries of a message by uninstrumented kafkajs in `npm run test:faults`, when a broker is killed. A
 * single run may have fewer.
 */
const KNOWN_MOST = 2;

test('a killed and restarted broker loses or repeats no more messages than for a bare program', async () => {
  const cluster = await startOwnCluster(1);
  try {
    expect(await violationsOf(brokerKilled, cluster, KNOWN_MOST)).toEqual(noViolations(brokerKilled));
  } finally {
    await cluster.stop();
  }
});

test('repeated rebalances lose or repeat no more messages than for a bare program', async () => {
  const fault = rebalanceStorm('storm', programs => waitForLines(programs, /"round":3\b/));
  expect(await violationsOf(fault)).toEqual(noViolations(fault));
});
