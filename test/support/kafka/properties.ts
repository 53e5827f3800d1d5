import { compareVersions } from './versions';

export interface NodeSettings {
  readonly version: string;
  readonly data: string;
  readonly id: number;
  readonly port: number;
  readonly cluster:
    | { readonly mode: 'kraft'; readonly controllerPort: number }
    | { readonly mode: 'zookeeper'; readonly zookeeperPort: number };
}

/**
 * Settings for a small and fast broker: one replica, few internal partitions, and no delay before a group's first
 * rebalance.
 */
const FOR_TESTS = {
  'auto.create.topics.enable': true,
  'num.partitions': 1,
  'default.replication.factor': 1,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 3,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 3,
  'group.initial.rebalance.delay.ms': 0,
  // By default, the broker would take 128 MB of heap memory at its start.
  'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
};

/** Returns the text of `server.properties`. With KRaft, the first broker is also the controller. */
export function brokerProperties({ version, data, id, port, cluster }: NodeSettings): string {
  const broker = `PLAINTEXT://127.0.0.1:${port}`;
  const shared = {
    'log.dirs': data,
    'advertised.listeners': broker,
    ...FOR_TESTS,
    ...(compareVersions(version, '4') >= 0 && {
      'share.coordinator.state.topic.replication.factor': 1,
      'share.coordinator.state.topic.min.isr': 1,
      'share.coordinator.state.topic.num.partitions': 3,
    }),
  };
  if (cluster.mode === 'zookeeper') {
    return propertiesText({
      'broker.id': id,
      'zookeeper.connect': `127.0.0.1:${cluster.zookeeperPort}`,
      listeners: broker,
      ...shared,
    });
  }
  const controller = `127.0.0.1:${cluster.controllerPort}`;
  const isController = id === 1;
  return propertiesText({
    'node.id': id,
    'process.roles': isController ? 'broker,controller' : 'broker',
    'controller.quorum.voters': `1@${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: isController ? `${broker},CONTROLLER://${controller}` : broker,
    ...shared,
  });
}

export const zookeeperProperties = (data: string, port: number): string =>
  propertiesText({
    dataDir: data,
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    maxClientCnxns: 0,
    'admin.enableServer': false,
  });

/** Java reads properties files as ISO 8859-1 with backslash escapes. */
function propertiesText(entries: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(entries)
    .map(([key, value]) => `${key}=${escaped(String(value))}\n`)
    .join('');
}

const escaped = (value: string): string =>
  value
    .replaceAll('\\', '\\\\')
    .replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
