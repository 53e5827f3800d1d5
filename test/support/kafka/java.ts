import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard, type Guarded } from './guard';
import { NotReady, readLog, untilReady } from './log';
import { freePorts } from './ports';
import { brokerProperties, zookeeperProperties, type NodeSettings } from './properties';
import { usesKRaft } from './versions';

export interface JavaKafkaOptions {
  readonly version: string;
  /** Folder with Kafka's jars. */
  readonly jars: string;
  readonly java: string;
  readonly brokers: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Brokers that run as processes of this machine; ended, at the latest, with this process. */
export interface JavaKafka {
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

/** `[KafkaRaftServer nodeId=1] Kafka Server started`; with ZooKeeper `[KafkaServer id=1] started`. */
const STARTED = /Kafka Server started|\[KafkaServer id=\d+\] started/;
const READY_WITHIN = 90_000;
const ATTEMPTS = 3;

/** Starts Apache Kafka from its jars, ready for clients when it returns. About 3 s per start. */
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

async function startOnce(options: JavaKafkaOptions): Promise<JavaKafka> {
  const root = mkdtempSync(join(tmpdir(), 'kafka-'));
  const processes: Guarded[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map(process => process.stop()));
    rmSync(root, { recursive: true, force: true });
  };
  const run = (folder: string, main: readonly string[], log: string): Guarded => {
    const process = guard({
      command: [options.java, ...jvmFlags(options.jars, folder), ...main],
      // The last one takes the common folder along; for the others it is not empty yet.
      cleanup: ['sh', '-c', 'rm -rf "$1"; rmdir "$2" 2>/dev/null', 'sh', folder, root],
      log,
      env: options.env,
    });
    processes.push(process);
    return process;
  };
  try {
    const [internalPort = 0, ...ports] = await freePorts(options.brokers + 1);
    const kraft = usesKRaft(options.version);
    if (!kraft) startZooKeeper(join(root, 'zookeeper'), internalPort, run);
    const cluster: NodeSettings['cluster'] = kraft
      ? { mode: 'kraft', controllerPort: internalPort }
      : { mode: 'zookeeper', zookeeperPort: internalPort };
    const clusterId = randomClusterId();
    await Promise.all(
      ports.map((port, index) =>
        startBroker(
          { version: options.version, data: join(root, `broker-${index + 1}`), id: index + 1, port, cluster },
          clusterId,
          run,
        ),
      ),
    );
    for (const process of processes) process.release();
    return { brokers: ports.map(port => `127.0.0.1:${port}`), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Run = (folder: string, main: readonly string[], log: string) => Guarded;

async function startBroker(settings: NodeSettings, clusterId: string, run: Run): Promise<void> {
  const folder = settings.data;
  const [properties, log] = prepare(folder, brokerProperties({ ...settings, data: join(folder, 'data') }));
  const name = `Apache Kafka ${settings.version}`;
  if (settings.cluster.mode === 'kraft') {
    const status = await run(
      folder,
      ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties],
      log,
    ).exited;
    if (status !== 0) throw new NotReady(`${name} could not format its data folder`, readLog(log));
  }
  const process = run(folder, ['kafka.Kafka', properties], log);
  await untilReady({ name, process, log, ready: STARTED, deadline: READY_WITHIN });
}

/** A leading `-`, which base64url can have, would read as an option on the command line of `format`. */
function randomClusterId(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8() & 0x7f);
  return bytes.toString('base64url');
}

/** Not waited for: the broker tries until ZooKeeper answers. */
function startZooKeeper(folder: string, port: number, run: Run): void {
  const [properties, log] = prepare(folder, zookeeperProperties(join(folder, 'data'), port));
  run(folder, ['org.apache.zookeeper.server.quorum.QuorumPeerMain', properties], log);
}

function prepare(folder: string, text: string): [properties: string, log: string] {
  const [properties, log] = [join(folder, 'server.properties'), join(folder, 'server.log')];
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  writeFileSync(properties, text);
  writeFileSync(log, '');
  return [properties, log];
}

/** A small heap and only the quick compiler: twice as fast to start, and fast enough for any test. */
const jvmFlags = (jars: string, folder: string): string[] => [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaServer=info',
  '-cp',
  join(jars, '*'),
];
