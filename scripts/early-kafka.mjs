// Looks for Kafka, or downloads it, while npm installs the dependencies. This file duplicates a part of
// test/support/kafka, because that folder needs the dependencies.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { exitWith, root, run } from './processes.mjs';

const GET = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get';

/**
 * Downloads Kafka into Maven's local repository if the demo will start Kafka with Java. Ignores a failed download,
 * because the demo reports it later. If this machine has no way to start Kafka, the function ends the process at once,
 * so that the user does not wait for the installation in vain.
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
      'No Kafka is available, and this machine cannot start one. Set KAFKA_BROKERS=host:port, or install Docker, or Java 17 and Maven. Then run this again.',
    );
  }
  if (isCached) return;
  process.stderr.write(`Downloading Apache Kafka ${version} in the meantime …\n`);
  await run('mvn', ['-q', '-B', GET, `-Dartifact=org.apache.kafka:kafka_2.13:${version}`], {
    stdio: 'ignore',
  });
}

/** In the output, `17.0.15` is Java 17, and `1.8.0` is Java 8. */
const isNewEnough = java => Number(/version "(\d+)/.exec(java ?? '')?.[1] ?? 0) >= 17;

const defaultVersion = () =>
  /DEFAULT_KAFKA_VERSION = '(.+)'/.exec(
    readFileSync(join(root, 'test', 'support', 'kafka', 'versions.ts'), 'utf8'),
  )[1];

/**
 * Returns the output of a program. Undefined if the program is missing, fails or hangs. For example, the Docker client
 * hangs if its engine does not run.
 */
const outputOf = (command, args) =>
  new Promise(resolve => {
    execFile(command, args, { timeout: 15_000 }, (error, stdout, stderr) => {
      resolve(error ? undefined : stdout + stderr);
    });
  });
