import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard, type Guarded } from './guard';

/** What every Java process of one Kafka shares. */
export interface Jvm {
  readonly java: string;
  /** Folder with Kafka's jars. */
  readonly jars: string;
  /** Folder of the whole cluster; each process has a folder in it. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A folder with the configuration, data, log and temporary files of one process. */
export interface Workplace {
  readonly folder: string;
  readonly properties: string;
  readonly log: string;
}

/** Makes the folder of a process; `configure` gets the path for its data and returns the text of its configuration. */
export function makeWorkplace(root: string, name: string, configure: (data: string) => string): Workplace {
  const folder = join(root, name);
  const place = { folder, properties: join(folder, 'server.properties'), log: join(folder, 'server.log') };
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  writeFileSync(place.properties, configure(join(folder, 'data')));
  writeFileSync(place.log, '');
  return place;
}

/** Runs a main class of the jars; its output goes to the log of its workplace, which is removed with it. */
export function runMain(
  { java, jars, root, env }: Jvm,
  { folder, log }: Workplace,
  main: readonly string[],
): Guarded {
  return guard({
    command: [java, ...FLAGS, `-Djava.io.tmpdir=${join(folder, 'tmp')}`, '-cp', join(jars, '*'), ...main],
    // The last one takes the common folder along; for the others it is not empty yet.
    cleanup: ['sh', '-c', 'rm -rf "$1"; rmdir "$2" 2>/dev/null', 'sh', folder, root],
    log,
    env,
  });
}

/** A small heap and only the quick compiler: faster to start, and fast enough for any test. WARN, and the line that says ready. */
const FLAGS = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaServer=info',
];
