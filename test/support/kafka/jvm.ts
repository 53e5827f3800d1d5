import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard, type Guarded } from './guard';

export interface Jvm {
  readonly java: string;
  readonly jars: string;
  /** Archive of loaded classes. If undefined, Java loads the classes from the jars. */
  readonly classes?: string | undefined;
  /** When a Java process ends, it writes an archive of its loaded classes to this path. */
  readonly writesClassesTo?: string;
  /** Folder of the cluster, with a subfolder for each process. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface ProcessFolder {
  readonly folder: string;
  readonly properties: string;
  readonly log: string;
}

/** @param configure - gets the path of the data folder and returns the text of the configuration file */
export function createProcessFolder(
  root: string,
  name: string,
  configure: (data: string) => string,
): ProcessFolder {
  const folder = join(root, name);
  const files = { folder, properties: join(folder, 'server.properties'), log: join(folder, 'server.log') };
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  writeFileSync(files.properties, configure(join(folder, 'data')));
  writeFileSync(files.log, '');
  return files;
}

/** Runs a Java class. Its output goes to the log in the process folder, which is removed at the end. */
export function runMain(
  { java, jars, classes, writesClassesTo, root, env }: Jvm,
  { folder, log }: ProcessFolder,
  main: readonly string[],
): Guarded {
  const flags = [
    ...FLAGS,
    ...(classes === undefined ? [] : [`-XX:SharedArchiveFile=${classes}`]),
    ...(writesClassesTo === undefined ? [] : [`-XX:ArchiveClassesAtExit=${writesClassesTo}`]),
    `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
  ];
  return guard({
    command: [java, ...flags, '-cp', join(jars, '*'), ...main],
    // rmdir removes the folder of the cluster after the last process. It fails while other processes still have their
    // folders.
    cleanup: ['sh', '-c', 'rm -rf "$1"; rmdir "$2" 2>/dev/null', 'sh', folder, root],
    log,
    env,
  });
}

/**
 * Java options for a fast start: a small heap, and only the simple compiler (C1). The log has only warnings, and the
 * line that says that the process is ready.
 */
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
