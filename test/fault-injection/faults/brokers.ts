import type { Program } from '../../support/program';
import { faultsOf, untilLedBy, withAdmin } from '../cluster';
import { waitForLines, sendToAll, type Fault } from '../fault';

const IN_PROGRESS = /"acked":200\b|"held":2\b/;

/** Kills the broker while messages are sent and processed, and restarts it. */
export const brokerKilled: Fault = {
  brokers: 1,
  isNondeterministic: true,
  scenarios: [
    {
      name: 'The broker is killed while messages are sent, and restarts',
      program: 'stream',
      deadline: 120_000,
    },
    {
      name: 'The broker is killed while handlers run, and restarts',
      program: 'held',
      deadline: 120_000,
    },
  ],
  async inject(programs, cluster) {
    await waitForLines(programs, IN_PROGRESS);
    await faultsOf(cluster).signal(0, 'SIGKILL');
    sendToAll(programs, 'down');
    await waitForLines(programs, /"tried"/);
    await faultsOf(cluster).restart(0);
    await recover(programs);
  },
};

/** Moves the partitions to another running broker. */
export const leaderMoved: Fault = {
  brokers: 2,
  isNondeterministic: true,
  scenarios: [
    {
      name: 'The partitions move to another broker',
      program: 'stream',
      env: { REPLICAS: '[1]' },
      deadline: 120_000,
    },
  ],
  async inject(programs, { brokers }) {
    await waitForLines(programs, IN_PROGRESS);
    const topics = await topicsOf(programs);
    await withAdmin(brokers, async admin => {
      await admin.alterPartitionReassignments({
        topics: topics.map(topic => ({
          topic,
          partitionAssignment: [0, 1].map(partition => ({ partition, replicas: [2] })),
        })),
      });
      await untilLedBy(admin, topics, 2);
    });
    await recover(programs);
  },
};

/** Kills the leader of the partitions, so that the other broker becomes the leader. */
export const leaderKilled: Fault = {
  brokers: 2,
  isNondeterministic: true,
  scenarios: [
    {
      name: 'The partition leader is killed, another broker takes over, and the first one restarts',
      program: 'stream',
      env: { REPLICAS: '[2,1]' },
      deadline: 120_000,
    },
  ],
  async inject(programs, cluster) {
    await waitForLines(programs, IN_PROGRESS);
    const topics = await topicsOf(programs);
    await faultsOf(cluster).signal(1, 'SIGKILL');
    await withAdmin(cluster.brokers.slice(0, 1), admin => untilLedBy(admin, topics, 1));
    await faultsOf(cluster).restart(1);
    await recover(programs);
  },
};

/** Makes consumers join and leave their group continuously. */
export function rebalanceStorm(name: string, isOver: (programs: readonly Program[]) => Promise<void>): Fault {
  return {
    isNondeterministic: true,
    scenarios: [{ name, program: 'stream', env: { STORM: '1' }, deadline: 180_000 }],
    async inject(programs) {
      await isOver(programs);
      sendToAll(programs, 'finish');
    },
  };
}

/** After the fault, the programs send and receive messages again. Then they are stopped. */
async function recover(programs: readonly Program[]): Promise<void> {
  sendToAll(programs, 'continue');
  const streams = programs.filter(({ stdout }) => stdout.includes('"topic"'));
  await waitForLines(streams, /"recovered"/);
  sendToAll(programs, 'finish');
}

async function topicsOf(programs: readonly Program[]): Promise<string[]> {
  const lines = await Promise.all(programs.map(program => program.line(/"topic":"([^"]+)"/)));
  return lines.map(([, topic]) => topic ?? '');
}
