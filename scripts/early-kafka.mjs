// What can be known and fetched of Kafka before there are any dependencies: test/support/kafka has the whole of it, but needs them.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { giveUp, root, run } from './steps.mjs';

const GET = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get';

/**
 * Fetches Apache Kafka into Maven's own repository where it will be started from there, and gives up at once where it cannot
 * be started at all, rather than after an installation. That a fetch fails is left to the demo to tell.
 */
export async function fetchKafka(env = process.env) {
  if (env.KAFKA_BROKERS) return;
  const [docker, java, maven] = await Promise.all([
    says('docker', ['info', '--format', '{{.ServerVersion}}']),
    says(env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java', ['-version']),
    says('mvn', ['--version']),
  ]);
  if (docker?.trim()) return;
  const version = env.KAFKA_VERSION || defaultVersion();
  const cache = env.KAFKA_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kafka-otel');
  const isCached = existsSync(join(cache, `kafka-${version}`));
  if (!isNewEnough(java) || (maven === undefined && !isCached)) {
    giveUp(
      'No Kafka to work with: name one in KAFKA_BROKERS=host:port, or install Docker, or Java 17 and Maven. Then run this again.',
    );
  }
  if (isCached) return;
  process.stderr.write(`Downloading Apache Kafka ${version} meanwhile …\n`);
  await run('mvn', ['-q', '-B', GET, `-Dartifact=org.apache.kafka:kafka_2.13:${version}`], {
    stdio: 'ignore',
  });
}

/** `17.0.15` is 17, and so is no `1.8.0`. */
const isNewEnough = java => Number(/version "(\d+)/.exec(java ?? '')?.[1] ?? 0) >= 17;

const defaultVersion = () =>
  /DEFAULT_KAFKA_VERSION = '(.+)'/.exec(
    readFileSync(join(root, 'test', 'support', 'kafka', 'versions.ts'), 'utf8'),
  )[1];

/** What a program says; undefined if it is not there, fails, or hangs as the client of a Docker engine that is away does. */
const says = (command, args) =>
  new Promise(resolve => {
    execFile(command, args, { timeout: 15_000 }, (error, stdout, stderr) => {
      resolve(error ? undefined : stdout + stderr);
    });
  });
