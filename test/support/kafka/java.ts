import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBroker } from './broker';
import { createProcessFolder, runMain, type Jvm } from './jvm';
import { NotReady } from './log';
import { freePorts } from './ports';
import { zookeeperProperties, type NodeSettings } from './properties';
import { usesKRaft } from './versions';

export interface JavaKafkaOptions extends Omit<Jvm, 'root'> {
  readonly version: string;
  readonly brokers: number;
}

/** Stops and restarts single brokers. `index` is the position in `brokers`. The first broker is also the controller. */
export interface BrokerFaults {
  /** Sends a signal to a broker. Waits until the broker has exited, except after SIGSTOP and SIGCONT. */
  signal(index: number, signal: NodeJS.Signals): Promise<void>;
  restart(index: number): Promise<void>;
}

/** Brokers that run as processes on this machine. They are killed when this process ends. */
export interface JavaKafka {
  readonly brokers: readonly string[];
  readonly faults: BrokerFaults;
  stop(): Promise<void>;
}

const ATTEMPTS = 3;

/** Starts Apache Kafka from its jars. Resolves when Kafka accepts clients, after about 2 s. */
export async function startJavaKafka(options: JavaKafkaOptions): Promise<JavaKafka> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Try other ports if another process has taken one of the free ports.
      const portTaken = error instanceof NotReady && /Address already in use|BindException/.test(error.log);
      if (!portTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnce({ version, brokers, ...tools }: JavaKafkaOptions): Promise<JavaKafka> {
  const [internalPort = 0, ...ports] = await freePorts(brokers + 1);
  const jvm: Jvm = { ...tools, root: mkdtempSync(join(tmpdir(), 'kafka-')) };
  const parts: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(parts.map(part => part.stop()));
    rmSync(jvm.root, { recursive: true, force: true });
  };
  try {
    const cluster: NodeSettings['cluster'] = usesKRaft(version)
      ? { mode: 'kraft', controllerPort: internalPort }
      : { mode: 'zookeeper', zookeeperPort: internalPort };
    if (cluster.mode === 'zookeeper') parts.push(startZooKeeper(jvm, internalPort));
    const clusterId = randomClusterId();
    const nodes = ports.map((port, index) =>
      createBroker(jvm, { version, id: index + 1, port, cluster }, clusterId),
    );
    parts.push(...nodes);
    await Promise.all(nodes.map(node => node.start()));
    const node = (index: number): (typeof nodes)[number] => {
      const found = nodes[index];
      if (!found) throw new RangeError(`no broker with index ${index}; the cluster has ${nodes.length}`);
      return found;
    };
    return {
      brokers: ports.map(port => `127.0.0.1:${port}`),
      faults: {
        signal: (index, signal) => node(index).signal(signal),
        restart: index => node(index).start(),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Does not wait until ZooKeeper is ready, because the brokers repeat their requests until it answers. */
function startZooKeeper(jvm: Jvm, port: number): { stop(): Promise<void> } {
  const files = createProcessFolder(jvm.root, 'zookeeper', data => zookeeperProperties(data, port));
  const process = runMain(jvm, files, [
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    files.properties,
  ]);
  process.release();
  return process;
}

/**
 * The first bit of the id is 0, because Kafka's `format` command would read an id that begins with `-` as an option.
 */
function randomClusterId(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8() & 0x7f);
  return bytes.toString('base64url');
}
