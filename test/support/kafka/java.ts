import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBroker } from './broker';
import { makeWorkplace, runMain, type Jvm } from './jvm';
import { NotReady } from './log';
import { freePorts } from './ports';
import { zookeeperProperties, type NodeSettings } from './properties';
import { usesKRaft } from './versions';

export interface JavaKafkaOptions extends Omit<Jvm, 'root'> {
  readonly version: string;
  readonly brokers: number;
}

/** What a test can do to single brokers; `index` is that of `brokers`, and the first broker is the controller too. */
export interface BrokerFaults {
  /** Sends a signal to a broker, and waits for its end unless the signal is SIGSTOP or SIGCONT. */
  signal(index: number, signal: NodeJS.Signals): Promise<void>;
  /** Starts a broker that a signal has ended again, with the data and the port it had. */
  restart(index: number): Promise<void>;
}

/** Brokers that run as processes of this machine; ended, at the latest, with this process. */
export interface JavaKafka {
  readonly brokers: readonly string[];
  readonly faults: BrokerFaults;
  stop(): Promise<void>;
}

const ATTEMPTS = 3;

/** Starts Apache Kafka from its jars, ready for clients when it returns. About 2 s per start. */
export async function startJavaKafka(options: JavaKafkaOptions): Promise<JavaKafka> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Someone else took a port after we had found it free.
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
      if (!found) throw new RangeError(`there is no broker ${index}, only ${nodes.length}`);
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

/** Not waited for: the brokers try until it answers. */
function startZooKeeper(jvm: Jvm, port: number): { stop(): Promise<void> } {
  const place = makeWorkplace(jvm.root, 'zookeeper', data => zookeeperProperties(data, port));
  const process = runMain(jvm, place, [
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    place.properties,
  ]);
  process.release();
  return process;
}

/** A leading `-`, which base64url can have, would read as an option on the command line of `format`. */
function randomClusterId(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8() & 0x7f);
  return bytes.toString('base64url');
}
