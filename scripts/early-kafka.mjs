// Checks for Kafka and downloads it while the dependencies are still being installed. The full version, test/support/kafka, needs
// them.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { exitWith, root, run } from './processes.mjs';

const GET = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get';

/**
 * Downloads Apache Kafka into Maven's local repository if the demo will start it from there. Exits immediately, not only after the
 * installation, if no Kafka can be started. The demo reports a failed download.
 */
export async function fetchKafka(env = process.env) {
  if (env.KAFKA_BROKERS) return;
  const [docker, java, maven] = await Promise.all([
    outputOf('docker', ['info', '--format', '{{.ServerVersion}}']),
    outputOf(env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java', ['-version']),
    outputOf('mvn', ['--version']),
  ]);
  if (docker?.trim()) return;
  const version = env.KAFKA_VERSION || defaultVersion();
  const cache = env.KAFKA_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kafka-otel');
  const isCached = existsSync(join(cache, `kafka-${version}`));
  if (!isNewEnough(java) || (maven === undefined && !isCached)) {
    exitWith(
      'No Kafka found, and none can be started: set KAFKA_BROKERS=host:port, or install Docker, or Java 17 and Maven. Then run this again.',
    );
  }
  if (isCached) return;
  process.stderr.write(`Downloading Apache Kafka ${version} at the same time …\n`);
  await run('mvn', ['-q', '-B', GET, `-Dartifact=org.apache.kafka:kafka_2.13:${version}`], {
    stdio: 'ignore',
  });
}

/** `17.0.15` is Java 17; `1.8.0` is Java 8. */
const isNewEnough = java => Number(/version "(\d+)/.exec(java ?? '')?.[1] ?? 0) >= 17;

const defaultVersion = () =>
  /DEFAULT_KAFKA_VERSION = '(.+)'/.exec(
    readFileSync(join(root, 'test', 'support', 'kafka', 'versions.ts'), 'utf8'),
  )[1];

/** A program's output; undefined if it is missing, fails, or hangs (as the Docker client does without its engine). */
const outputOf = (command, args) =>
  new Promise(resolve => {
    execFile(command, args, { timeout: 15_000 }, (error, stdout, stderr) => {
      resolve(error ? undefined : stdout + stderr);
    });
  });
