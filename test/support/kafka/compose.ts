import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from './guard';
import { NotReady, untilReady } from './log';
import { freePorts } from './ports';

/** Users also start this compose file by hand. */
const FILE = join(__dirname, '..', '..', '..', 'docker-compose.yml');
/** Long enough to download the image (about 400 MB). */
const READY_WITHIN = 600_000;
const ATTEMPTS = 3;

export interface ComposeOptions {
  readonly version: string;
  readonly docker: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface ComposeKafka {
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts the broker of `docker-compose.yml` on a free port. Its own project name keeps it apart from a broker that the
 * user started. `stop` also removes its volumes.
 */
export async function startComposeKafka(options: ComposeOptions): Promise<ComposeKafka> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      const portTaken =
        error instanceof NotReady && /port is already allocated|address already in use/i.test(error.log);
      if (!portTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnce({ version, docker, env }: ComposeOptions): Promise<ComposeKafka> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'kafka-'));
  const log = join(folder, 'compose.log');
  writeFileSync(log, '');
  const compose = [docker, 'compose', '-f', FILE, '-p', `kafka-${randomBytes(6).toString('hex')}`];
  const process = guard({
    command: [...compose, 'up', '--no-color', '--abort-on-container-exit', 'kafka'],
    cleanup: [
      'sh',
      '-c',
      'folder=$1; shift; "$@"; rm -rf "$folder"',
      'sh',
      folder,
      ...compose,
      'down',
      '-v',
      '-t',
      '0',
    ],
    log,
    env: { ...env, KAFKA_PORT: String(port), KAFKA_VERSION: version },
  });
  const stop = async (): Promise<void> => {
    await process.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const name = `apache/kafka:${version} under docker compose`;
    await untilReady({ name, process, log, ready: /Kafka Server started/, deadline: READY_WITHIN });
  } catch (error) {
    await stop();
    throw error;
  }
  process.release();
  return { brokers: [`127.0.0.1:${port}`], stop };
}
