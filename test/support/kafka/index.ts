import { startComposeKafka } from './compose';
import { untilGroupsWork } from './groups';
import { startJavaKafka, type BrokerFaults } from './java';
import { cachedKafka, downloadKafka } from './maven';
import { findDocker, findJava, findMaven, type Tool } from './tools';
import { compareVersions, DEFAULT_KAFKA_VERSION } from './versions';

/** A real Kafka that answers clients. */
export interface KafkaServer {
  /** `host:port` of each broker, fit for kafkajs's `brokers`. */
  readonly brokers: readonly string[];
  readonly source: 'environment' | 'compose' | 'java';
  /** Kafka's version; undefined for a broker that was given, as kafkajs cannot ask. */
  readonly version: string | undefined;
  /** Faults at will, for tests of them; only where the brokers are processes of ours (`source` is `java`). */
  readonly faults: BrokerFaults | undefined;
  /** Ends the brokers and removes their data; leaves a given broker alone. */
  stop(): Promise<void>;
}

export interface StartKafkaOptions {
  /** Receives one short line per step. Default: stderr. */
  readonly progress?: (line: string) => void;
  /** `KAFKA_BROKERS`, `KAFKA_VERSION`, `KAFKA_CACHE`, `JAVA_HOME` and `PATH` are read here. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How many brokers, of which the first is the controller too. Default 1. Each costs about 300 MB and, at start, 3 s of CPU. */
  readonly brokers?: number;
}

/** After which it is said what is waited for. */
const DOCKER_IS_SLOW_MS = 2_000;
/** The first version that Apache publishes as a Docker image. */
const FIRST_IMAGE = '3.7';

/**
 * Gives a real Kafka: the one in `KAFKA_BROKERS`, else one in Docker, else one from Maven Central under Java 17 or newer.
 * What it starts ends with `stop()` or with this process, however that dies.
 *
 * @throws Error that lists the three ways and what each of them lacks; or why a way that is there does not work.
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
  const began = performance.now();
  const ready = async (server: Omit<KafkaServer, 'version'>): Promise<KafkaServer> => {
    try {
      await untilGroupsWork(server.brokers);
    } catch (error) {
      await server.stop();
      throw error;
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    progress(`Apache Kafka ${version} is ready on ${server.brokers.join(', ')} after ${seconds} s`);
    return { ...server, version };
  };

  const patience = setTimeout(progress, DOCKER_IS_SLOW_MS, 'Waiting for Docker to answer, 15 s at most …');
  const docker = await dockerFor(version, brokers, env);
  clearTimeout(patience);
  if (docker.found) {
    progress(`Starting Apache Kafka ${version} with docker compose …`);
    const kafka = await startComposeKafka({ version, docker: docker.command, env });
    return ready({ source: 'compose', faults: undefined, ...kafka });
  }

  const java = await findJava(env);
  let jars = cachedKafka(version, env);
  // Maven is needed only for the first start of a version.
  const maven: Tool = jars === undefined ? await findMaven(env) : { found: true, command: 'mvn' };
  if (!java.found || !maven.found) throw new Error(noWay(docker, java, maven));
  jars ??= await downloadKafka({ version, maven: maven.command, env, progress });
  progress(`Starting Apache Kafka ${version} with Java …`);
  const kafka = await startJavaKafka({ version, jars, java: java.command, brokers, env });
  return ready({ source: 'java', ...kafka });
}

function dockerFor(version: string, brokers: number, env: NodeJS.ProcessEnv): Promise<Tool> | Tool {
  if (brokers > 1) return { found: false, reason: 'docker: docker-compose.yml has one broker only' };
  if (compareVersions(version, FIRST_IMAGE) < 0) {
    return { found: false, reason: `docker: there is no apache/kafka image of ${version}` };
  }
  return findDocker(env);
}

const reason = (tool: Tool): string => (tool.found ? '' : tool.reason);

function noWay(docker: Tool, java: Tool, maven: Tool): string {
  return `No Kafka to work with. There are three ways to one, and each lacks something:
  1. a running broker in KAFKA_BROKERS=host:port — the variable is not set
  2. Docker with compose — ${reason(docker)}
  3. Java 17 or newer and Maven — ${[java, maven].map(reason).filter(Boolean).join('; ')}`;
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
