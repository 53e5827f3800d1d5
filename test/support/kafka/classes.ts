import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startJavaKafka, type JavaKafkaOptions } from './java';

/**
 * Returns an archive of Kafka's loaded Java classes for `-XX:SharedArchiveFile`, which halves the CPU time of a start.
 * The first call creates the archive: it starts and stops a broker. Returns undefined if the folder of the jars is not
 * writable.
 */
export async function classArchive(
  options: JavaKafkaOptions,
  javaVersion: string,
  progress: (line: string) => void,
): Promise<string | undefined> {
  const hash = createHash('sha256').update(javaVersion).digest('hex').slice(0, 12);
  const archive = `${options.jars}-${hash}.jsa`;
  if (existsSync(archive)) return archive;
  try {
    accessSync(dirname(archive), constants.W_OK);
  } catch {
    return undefined;
  }
  progress('Storing the classes of Apache Kafka for quicker starts (once, about 10 s) …');
  // Rename the file when it is complete, because another process may create the same archive.
  const unfinished = `${archive}.${process.pid}`;
  const kafka = await startJavaKafka({ ...options, brokers: 1, writesClassesTo: unfinished });
  // This timer keeps the process alive, because a running broker does not.
  const alive = setInterval(() => undefined, 60_000);
  await kafka.faults.signal(0, 'SIGTERM');
  await kafka.stop();
  clearInterval(alive);
  // Some Java versions cannot write an archive. Store an empty file: with it, Java loads the classes from the jars.
  if (existsSync(unfinished)) renameSync(unfinished, archive);
  else writeFileSync(archive, '');
  return archive;
}
