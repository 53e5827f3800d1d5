import { classArchive } from './classes';
import { startComposeKafka } from './compose';
import { untilGroupsWork } from './coordinators';
import { startJavaKafka, type BrokerFaults, type JavaKafkaOptions } from './java';
import { cachedKafka, downloadKafka } from './maven';
import { findDocker, findJava, findMaven, type Tool } from './tools';
import { compareVersions, DEFAULT_KAFKA_VERSION } from './versions';

export interface KafkaServer {
  /** `host:port` of each broker, for the option `brokers` of kafkajs. */
  readonly brokers: readonly string[];
  readonly source: 'environment' | 'compose' | 'java';
  /** Undefined for a Kafka from `KAFKA_BROKERS`, because kafkajs cannot ask brokers for their version. */
  readonly version: string | undefined;
  /** Stops and restarts single brokers. Exists only if `source` is `java`. */
  readonly faults: BrokerFaults | undefined;
  /** Stops the brokers and removes their data. Does nothing if Kafka comes from `KAFKA_BROKERS`. */
  stop(): Promise<void>;
}

export interface StartKafkaOptions {
  /** Gets a short line for each step. Default: writes the line to stderr. */
  readonly progress?: (line: string) => void;
  /**
   * The variables `KAFKA_BROKERS`, `KAFKA_VERSION`, `KAFKA_CACHE`, `JAVA_HOME` and `PATH` are used. Default:
   * `process.env`.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Number of brokers (default 1). The first broker is also the controller. A broker needs about 300 MB of memory, and
   * 3 s of CPU time to start.
   */
  readonly brokers?: number;
}

/** After this time, a message says that Docker is slow. */
const DOCKER_IS_SLOW_MS = 2_000;
/** The first Kafka version with an official Docker image. */
const FIRST_IMAGE = '3.7';

/**
 * Provides a real Kafka: the brokers in `KAFKA_BROKERS`, or a broker in Docker, or brokers from Maven Central under
 * Java 17 or newer. Brokers that this function starts end with `stop()` or with this process, even after SIGKILL.
 *
 * @throws Error that says why none of the three ways works
 */
export async function startKafka(options: StartKafkaOptions = {}): Promise<KafkaServer> {
  const env = { ...(options.env ?? process.env) };
  const progress = options.progress ?? toStderr;
  const brokers = options.brokers ?? 1;
  const given = (env['KAFKA_BROKERS'] ?? '')
    .split(',')
    .map(broker => broker.trim())
    .filter(broker => broker !== '');
  if (given.length > 0) {
    progress(`Kafka: ${given.join(', ')} (KAFKA_BROKERS)`);
    return {
      brokers: given,
      source: 'environment',
      version: undefined,
      faults: undefined,
      stop: () => Promise.resolve(),
    };
  }

  const version = env['KAFKA_VERSION'] || DEFAULT_KAFKA_VERSION;
  const startedAt = performance.now();
  const ready = async (server: Omit<KafkaServer, 'version'>): Promise<KafkaServer> => {
    try {
      await untilGroupsWork(server.brokers);
    } catch (error) {
      await server.stop();
      throw error;
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    progress(`Apache Kafka ${version} is ready on ${server.brokers.join(', ')} after ${seconds} s`);
    return { ...server, version };
  };

  const slowNotice = setTimeout(progress, DOCKER_IS_SLOW_MS, 'Waiting for Docker to answer (at most 15 s) …');
  const docker = await dockerFor(version, brokers, env);
  clearTimeout(slowNotice);
  if (docker.found) {
    progress(`Starting Apache Kafka ${version} with docker compose …`);
    const kafka = await startComposeKafka({ version, docker: docker.command, env });
    return ready({ source: 'compose', faults: undefined, ...kafka });
  }

  const java = await findJava(env);
  let jars = cachedKafka(version, env);
  // Maven is needed only if the version is not in the cache.
  const maven: Tool = jars === undefined ? await findMaven(env) : { found: true, command: 'mvn' };
  if (!java.found || !maven.found) throw new Error(noKafkaMessage(docker, java, maven));
  jars ??= await downloadKafka({ version, maven: maven.command, env, progress });
  progress(`Starting Apache Kafka ${version} with Java …`);
  const start: JavaKafkaOptions = { version, jars, java: java.command, brokers, env };
  // Only the default version gets an archive. Other versions are used too rarely.
  const classes =
    version === DEFAULT_KAFKA_VERSION ? await classArchive(start, java.version ?? '', progress) : undefined;
  const kafka = await startJavaKafka({ ...start, classes });
  return ready({ source: 'java', ...kafka });
}

function dockerFor(version: string, brokers: number, env: NodeJS.ProcessEnv): Promise<Tool> | Tool {
  if (brokers > 1) return { found: false, reason: 'docker: docker-compose.yml has only one broker' };
  if (compareVersions(version, FIRST_IMAGE) < 0) {
    return { found: false, reason: `docker: no apache/kafka image exists for ${version}` };
  }
  return findDocker(env);
}

const reason = (tool: Tool): string => (tool.found ? '' : tool.reason);

function noKafkaMessage(docker: Tool, java: Tool, maven: Tool): string {
  return `No Kafka is available. There are three ways to get one, but none of them works here:
  1. a running broker in KAFKA_BROKERS=host:port — the variable is not set
  2. Docker with compose — ${reason(docker)}
  3. Java 17 or newer and Maven — ${[java, maven].map(reason).filter(Boolean).join('; ')}`;
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
