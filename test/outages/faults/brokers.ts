import type { Program } from '../../support/program';
import { faultsOf, untilLedBy, withAdmin } from '../cluster';
import { allSay, tellAll, type Fault } from '../fault';

const UNDER_WAY = /"acked":200\b|"held":2\b/;

/** SIGKILL while messages are sent and while handlers are in the middle of theirs; then the broker comes back. */
export const brokerKilled: Fault = {
  brokers: 1,
  isChancy: true,
  scenarios: [
    {
      name: 'The broker is killed while messages are sent, and comes back',
      program: 'stream',
      deadline: 120_000,
    },
    {
      name: 'The broker is killed while handlers are at work, and comes back',
      program: 'held',
      deadline: 120_000,
    },
  ],
  async strike(programs, cluster) {
    await allSay(programs, UNDER_WAY);
    await faultsOf(cluster).signal(0, 'SIGKILL');
    tellAll(programs, 'down');
    await allSay(programs, /"tried"/);
    await faultsOf(cluster).restart(0);
    await recover(programs);
  },
};

/** The partitions go from one broker to the other, both alive. */
export const leaderMoved: Fault = {
  brokers: 2,
  isChancy: true,
  scenarios: [
    {
      name: 'The partitions move to another broker',
      program: 'stream',
      env: { REPLICAS: '[1]' },
      deadline: 120_000,
    },
  ],
  async strike(programs, { brokers }) {
    await allSay(programs, UNDER_WAY);
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

/** The leader dies, and the other broker takes over. */
export const leaderKilled: Fault = {
  brokers: 2,
  isChancy: true,
  scenarios: [
    {
      name: "The partitions' leader is killed, another broker takes over, and the first comes back",
      program: 'stream',
      env: { REPLICAS: '[2,1]' },
      deadline: 120_000,
    },
  ],
  async strike(programs, cluster) {
    await allSay(programs, UNDER_WAY);
    const topics = await topicsOf(programs);
    await faultsOf(cluster).signal(1, 'SIGKILL');
    await withAdmin(cluster.brokers.slice(0, 1), admin => untilLedBy(admin, topics, 1));
    await faultsOf(cluster).restart(1);
    await recover(programs);
  },
};

/** Consumers of both groups join and leave, one after the other. */
export function storm(name: string, isOver: (programs: readonly Program[]) => Promise<void>): Fault {
  return {
    isChancy: true,
    scenarios: [{ name, program: 'stream', env: { STORM: '1' }, deadline: 180_000 }],
    async strike(programs) {
      await isOver(programs);
      tellAll(programs, 'enough');
    },
  };
}

/** Lets the programs send and receive for a while after the fault, and come to their end. */
async function recover(programs: readonly Program[]): Promise<void> {
  tellAll(programs, 'go on');
  const streams = programs.filter(({ stdout }) => stdout.includes('"topic"'));
  await allSay(streams, /"recovered"/);
  tellAll(programs, 'enough');
}

async function topicsOf(programs: readonly Program[]): Promise<string[]> {
  const lines = await Promise.all(programs.map(program => program.line(/"topic":"([^"]+)"/)));
  return lines.map(([, topic]) => topic ?? '');
}
