import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka } from '../../../support/kafka';
import { folderPerTest, onlyTheseTools } from './tools';

const folder = folderPerTest();
const steps: string[] = [];
const start = (env: Record<string, string | undefined>): Promise<string> => {
  steps.length = 0;
  return startKafka({ env, progress: step => steps.push(step) }).then(
    kafka => `started on ${kafka.brokers.join()}`,
    (error: unknown) => (error as Error).message,
  );
};

const java = (version: string): string => `echo 'openjdk version "${version}" 2025-04-15' >&2`;
const works = 'echo 1';
const fails = 'echo "no" >&2; exit 1';

test.each<[string, Record<string, string>, docker: string, java: string]>([
  ['no tool at all', {}, 'docker: not found', 'java: not found; mvn: not found'],
  [
    'a Docker client whose engine is off',
    { docker: fails },
    'docker: the engine does not respond',
    'java: not found; mvn: not found',
  ],
  [
    'a Docker without compose',
    { docker: `if [ "$1" = compose ]; then ${fails}; fi; ${works}` },
    'docker: the compose plugin is missing',
    'java: not found; mvn: not found',
  ],
  ['an old Java', { java: java('11.0.2'), mvn: works }, 'docker: not found', 'java: version 11 is too old'],
  [
    'a Java that is a stub',
    { java: fails, mvn: works },
    'docker: not found',
    'java: its version cannot be read',
  ],
  ['Java, but no Maven', { java: java('17.0.15') }, 'docker: not found', 'mvn: not found'],
  ['Maven, but no Java', { mvn: works }, 'docker: not found', 'java: not found'],
  ['a broken Maven', { java: java('21'), mvn: fails }, 'docker: not found', 'mvn: `mvn --version` fails'],
])(
  'with %s the error lists the three ways and what is missing for each',
  async (_, scripts, docker, javaAndMaven) => {
    expect(await start(onlyTheseTools(folder(), scripts)))
      .toBe(`No Kafka is available. There are three ways to get one, but none of them works here:
  1. a running broker in KAFKA_BROKERS=host:port — the variable is not set
  2. Docker with compose — ${docker}
  3. Java 17 or newer and Maven — ${javaAndMaven}`);
  },
);

test('the error names JAVA_HOME if it has no Java', async () => {
  const env = {
    ...onlyTheseTools(folder(), { java: java('17.0.15'), mvn: works }),
    JAVA_HOME: join(folder(), 'gone'),
  };
  expect(await start(env)).toContain('java: not found in JAVA_HOME');
});

test('Docker is not used for a Kafka version without an image', async () => {
  const env = { ...onlyTheseTools(folder(), { docker: works }), KAFKA_VERSION: '3.6.2' };
  expect(await start(env)).toContain('docker: no apache/kafka image exists for 3.6.2');
});

test('a broker from KAFKA_BROKERS is used without looking for tools', async () => {
  const env = { ...onlyTheseTools(folder(), {}), KAFKA_BROKERS: ' a:1, b:2 ' };
  const kafka = await startKafka({ env, progress: () => undefined });
  expect(kafka).toMatchObject({ brokers: ['a:1', 'b:2'], source: 'environment', version: undefined });
  await expect(kafka.stop()).resolves.toBeUndefined();
});

test('an empty KAFKA_BROKERS counts as not set', async () => {
  expect(await start({ ...onlyTheseTools(folder(), {}), KAFKA_BROKERS: '' })).toContain(
    'the variable is not set',
  );
});

test('a failure of an available Docker is reported with its log, without trying the next way', async () => {
  const docker = `case "$*" in
    *up*) echo "pull access denied for apache/kafka"; exit 18;;
    *) echo 1;;
  esac`;
  const message = await start({
    ...onlyTheseTools(folder(), { docker, java: java('17.0.15'), mvn: works }),
    KAFKA_VERSION: '4.1.0',
  });
  expect(message).toContain(
    'apache/kafka:4.1.0 under docker compose ended with status 18 before it was ready',
  );
  expect(message).toContain('pull access denied');
});

test('a broker that exits at start is reported with the end of its log', async () => {
  mkdirSync(join(folder(), 'cache', 'kafka-4.4.0'), { recursive: true });
  const script = `case "$*" in
    *-version*) ${java('17.0.15')};;
    *format*) echo formatted;;
    *) echo "FATAL: no space left"; exit 3;;
  esac`;
  const message = await start(onlyTheseTools(folder(), { java: script }));
  expect(message).toContain('Apache Kafka 4.4.0 ended with status 3 before it was ready');
  expect(message).toContain('FATAL: no space left');
  expect(steps).toEqual([
    'Starting Apache Kafka 4.4.0 with Java …',
    'Storing the classes of Apache Kafka for quicker starts (once, about 10 s) …',
  ]);
});
