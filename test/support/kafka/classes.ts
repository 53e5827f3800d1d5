import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startJavaKafka, type JavaKafkaOptions } from './java';

/**
 * Returns an archive of Kafka's loaded classes for `-XX:SharedArchiveFile`, which halves the CPU time of a start. The first call for a
 * version of Kafka and of Java creates the archive next to the jars: it starts a broker, which writes its classes when it
 * ends. Returns undefined if the folder cannot be written to.
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
  // Another process may create the same file, so this one gets its final name only when it is complete.
  const unfinished = `${archive}.${process.pid}`;
  const kafka = await startJavaKafka({ ...options, brokers: 1, writesClassesTo: unfinished });
  // Keep this process alive. A running broker does not.
  const alive = setInterval(() => undefined, 60_000);
  await kafka.faults.signal(0, 'SIGTERM');
  await kafka.stop();
  clearInterval(alive);
  // Not every Java can write an archive. If the file is empty, Java loads the classes from the jars.
  if (existsSync(unfinished)) renameSync(unfinished, archive);
  else writeFileSync(archive, '');
  return archive;
}
