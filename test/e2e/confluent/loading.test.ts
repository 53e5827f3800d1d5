import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startCollector } from '../../support/collector';
import { CONFLUENT, confluentEnvironment, confluentLab, LAB_DEADLINE_MS } from '../../support/confluent';
import { otlpEnvironment, projectRoot, registerPath, startProgram } from '../../support/program';
import { run, type RunOptions } from '../loading/support/run';
import { brokerEnvironment, createTopics, readBack, type Topic } from '../loading/support/topics';
import { processed, sent, type WholeSpan } from '../loading/support/whole';

const fixture = (name: string) => join(projectRoot, 'fixtures/loading', name);
const tracing = fixture('tracing.cjs');
const register = ['--require', registerPath];

let lab: string;
/** A folder with the programs, in which ES modules also find the clients. */
let folder: string;
beforeAll(async () => {
  lab = await confluentLab();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'confluent-loading-')));
  cpSync(join(projectRoot, 'fixtures/confluent/loading'), folder, { recursive: true });
  const packages = join(folder, 'node_modules');
  mkdirSync(packages);
  symlinkSync(join(lab, 'node_modules/@confluentinc'), join(packages, '@confluentinc'));
  symlinkSync(join(projectRoot, 'node_modules/kafkajs'), join(packages, 'kafkajs'));
}, LAB_DEADLINE_MS);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const start = ({ file = '', env, ...options }: RunOptions) =>
  run({
    ...options,
    file: join(folder, file),
    env: {
      TRACING: file.endsWith('.mjs') ? pathToFileURL(tracing).href : tracing,
      SDK: fixture('sdk.cjs'),
      NODE_SDK: require.resolve('@opentelemetry/sdk-node'),
      PACKAGE: join(projectRoot, 'dist'),
      ...env,
    },
  });

/** librdkafka does not report the id of the cluster or the leaders of partitions. */
const known = ({ attributes, ...span }: WholeSpan): WholeSpan => {
  const unknown = new Set(['messaging.kafka.cluster.id', 'server.address', 'server.port']);
  return {
    ...span,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([name]) => !unknown.has(name))),
  };
};
const roundTrip = (topic: Topic) => [sent(topic), processed(topic)].map(known);

describe.each([
  ['register', register, 'required.cjs', {}],
  [
    'register, and the file of the promise API',
    register,
    'required.cjs',
    { MODULE: `${CONFLUENT}/lib/kafkajs` },
  ],
  ['register, and a named import in an ES module', register, 'named.mjs', {}],
  ['register, and a default import in an ES module', register, 'default.mjs', {}],
  ['register, and a dynamic import in an ES module', register, 'dynamic.mjs', {}],
  ['register by --import, and a named import', ['--import', registerPath], 'named.mjs', {}],
  ['an own NodeSDK', ['--require', tracing], 'required.cjs', {}],
  ['an own NodeSDK, and a named import in an ES module', ['--require', tracing], 'named.mjs', {}],
  [
    'register in attach mode, and an own SDK',
    register,
    'attached.cjs',
    { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' },
  ],
])("a program on Confluent's client under %s", (_, execArgv, file, env) => {
  test('has one span for each send and each handler', async () => {
    const { topic } = await createTopics(['topic']);
    const ran = await start({ file, execArgv, env: { ...env, TOPIC: topic.name } });
    expect(ran.results).toEqual([['hello']]);
    expect(ran.spans).toEqual(roundTrip(topic));
    expect(ran.stderr).toBe('');
  });
});

describe('instrumentModule', () => {
  test.each(['root', 'KafkaJS', 'namespace'])(
    "instruments Confluent's client once when it is called twice with its exports: %s",
    async EXPORTS => {
      const { topic } = await createTopics(['topic']);
      const ran = await start({ file: 'by-hand.cjs', env: { EXPORTS, TOPIC: topic.name } });
      expect(ran.spans).toEqual(roundTrip(topic));
      expect(ran.stderr).toBe('');
    },
  );

  test('is what makes those spans', async () => {
    const { topic } = await createTopics(['topic']);
    const ran = await start({ file: 'by-hand.cjs', env: { EXPORTS: 'none', TOPIC: topic.name } });
    expect(ran.spans).toEqual([]);
  });
});

const TOO_EARLY = expect.stringContaining(`${CONFLUENT} was loaded before this instrumentation`) as string;

test('a program that loaded the client first is traced from then on, with one warning', async () => {
  const { early, topic } = await createTopics(['early', 'topic']);
  const ran = await start({ file: 'preloaded.cjs', env: { EARLY_TOPIC: early.name, TOPIC: topic.name } });
  expect(ran.spans).toEqual([known(sent(early, 1)), ...roundTrip(topic)]);
  expect(ran.logged).toEqual([TOO_EARLY]);
  const stored = await readBack(early, 2);
  expect(stored.map(({ value, headers }) => [value, Object.keys(headers)])).toEqual([
    ['bare', []],
    ['traced', ['traceparent']],
  ]);
});

test('an ES module that imported the client first is traced too, with one warning', async () => {
  const { topic } = await createTopics(['topic']);
  const ran = await start({ file: 'preloaded.mjs', env: { TOPIC: topic.name } });
  expect(ran.spans).toEqual(roundTrip(topic));
  expect(ran.logged).toEqual([TOO_EARLY]);
});

test('two copies of the client are traced, and disable() and enable() take effect at once on their live clients', async () => {
  const copies = ['one', 'other'].map(name => join(folder, name, 'node_modules', CONFLUENT));
  for (const copy of copies) {
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(lab, 'node_modules', CONFLUENT), copy, { recursive: true });
  }
  const { topic } = await createTopics(['topic']);
  const ran = await start({
    file: 'switch.cjs',
    // The copies of the client need these dependencies.
    env: { ...confluentEnvironment(lab), COPIES: copies.join(), TOPIC: topic.name },
  });
  expect(ran.results).toEqual([{ sameClass: false }]);
  expect(ran.stderr).toBe('');
  const traced = [0, 1, 4, 5];
  expect(ran.spans.filter(({ kind }) => kind === 'PRODUCER')).toEqual(
    traced.map(offset => known(sent(topic, offset))),
  );
  expect(ran.spans.filter(({ kind }) => kind !== 'PRODUCER')).toEqual(
    traced.map(offset => known(processed(topic, offset))),
  );
  const stored = await readBack(topic, 6);
  expect(stored.map(({ headers }) => Object.keys(headers).length)).toEqual([1, 1, 0, 0, 1, 1]);
});

test('disable() ends an active transaction span with its transaction, and no call starts one until enable()', async () => {
  const { topic } = await createTopics(['topic']);
  const ran = await start({ file: 'live.cjs', env: { TOPIC: topic.name } });
  expect(ran.results).toEqual(['done']);
  const traced = [
    ['transaction', undefined],
    [`send ${topic.name}`, 'transaction'],
  ];
  expect(ran.spans.map(({ name, parent }) => [name, parent])).toEqual([
    ...traced,
    ...traced,
    [`createTopics ${topic.name}-other`, undefined],
    [`deleteTopics ${topic.name}-other`, undefined],
  ]);
  expect(ran.stderr).toBe('');
  const committed = await readBack(topic, 2);
  expect(committed.map(({ value, headers }) => [value, Object.keys(headers)])).toEqual([
    ['begun while enabled', ['traceparent']],
    ['begun while disabled', []],
  ]);
});

test('of two copies of this package only one creates spans; the other one takes over when it is disabled', async () => {
  const { both, first, none } = await createTopics(['both', 'first', 'none']);
  const ran = await start({
    file: 'twice.cjs',
    env: { TOPICS: [both, first, none].map(({ name }) => name).join() },
  });
  expect(ran.spans).toEqual([...roundTrip(both), ...roundTrip(first)]);
  expect(ran.stderr).toBe('');
});

test.each([
  ['2.0.0', 'start', false],
  ['2.0.0', 'attach', false],
  ['1.99.0', 'start', true],
  ['1.99.0', 'attach', true],
])('version %s under register in mode "%s" is instrumented: %s', async (version, mode, isWrapped) => {
  const home = join(folder, `${version}-${mode}`);
  const client = join(home, 'node_modules', CONFLUENT);
  mkdirSync(join(client, 'lib/kafkajs'), { recursive: true });
  const files = {
    'package.json': JSON.stringify({ name: CONFLUENT, version, main: 'lib/index.js' }),
    'lib/index.js': "exports.KafkaJS = require('./kafkajs');",
    'lib/kafkajs/index.js': `class Kafka { producer() {} consumer() {} admin() {} }
      module.exports = { Kafka, ErrorCodes: {}, producerAsWritten: Kafka.prototype.producer };`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(client, name), text);
  cpSync(join(folder, 'wrapped.cjs'), join(home, 'wrapped.cjs'));
  const env = mode === 'attach' ? { OTEL_INSTRUMENTATION_KAFKA_REGISTER: mode } : {};
  const ran = await start({ file: `${version}-${mode}/wrapped.cjs`, execArgv: register, env });
  expect(ran.results).toEqual([{ isWrapped }]);
});

const CLIENTS = 'OTEL_INSTRUMENTATION_KAFKA_CLIENTS';
const DISABLED = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';
const ENABLED = 'OTEL_NODE_ENABLED_INSTRUMENTATIONS';

describe('a process with both clients', () => {
  const tracedBy = async (options: RunOptions) => {
    const { results, spans, stderr } = await start({ file: 'both-clients.cjs', ...options });
    expect(results).toEqual(['KafkaJSError', 'KafkaJSError']);
    expect(stderr).toBe('');
    return spans.map(({ name }) => name.replace('send ', '')).sort();
  };

  test.each<[Record<string, string>, string[]]>([
    [{}, ['confluent', 'kafkajs']],
    [{ [CLIENTS]: 'confluent' }, ['confluent']],
    [{ [CLIENTS]: 'kafkajs' }, ['kafkajs']],
    [{ [DISABLED]: 'confluent-kafka-javascript' }, ['kafkajs']],
    [{ [DISABLED]: 'kafkajs' }, ['confluent']],
    [{ [DISABLED]: 'kafka' }, []],
    [{ [ENABLED]: 'http,confluent-kafka-javascript' }, ['confluent']],
    [{ [ENABLED]: 'kafka' }, ['confluent', 'kafkajs']],
    [{ [ENABLED]: 'http' }, []],
    [{ [CLIENTS]: 'confluent', [DISABLED]: 'confluent-kafka-javascript' }, []],
    [{ [CLIENTS]: 'confluent', [ENABLED]: 'kafkajs' }, []],
  ])('under register with %j has spans of %j', async (env, traced) => {
    expect(await tracedBy({ execArgv: register, env })).toEqual(traced);
  });

  test.each<[object, Record<string, string>, string[]]>([
    [{}, {}, ['confluent', 'kafkajs']],
    [{ clients: ['confluent'] }, {}, ['confluent']],
    [{ clients: ['confluent'] }, { [CLIENTS]: 'kafkajs' }, ['confluent']],
    [{ clients: ['confluent', 'kafkajs'] }, { [DISABLED]: 'confluent-kafka-javascript' }, ['kafkajs']],
    [{}, { [DISABLED]: 'kafka' }, []],
  ])('with the options %j and %j has spans of %j', async (options, env, traced) => {
    expect(await tracedBy({ env: { ...env, OPTIONS: JSON.stringify(options) } })).toEqual(traced);
  });
});

test('a client that was loaded before the instrumentation, which setConfig names, is traced from then on, with one warning', async () => {
  const ran = await start({
    file: 'both-clients.cjs',
    env: { LOADED_FIRST: '1', OPTIONS: '{"clients":["kafkajs"]}', SET_CONFIG: '{"clients":["confluent"]}' },
  });
  expect(ran.spans.map(({ name }) => name)).toEqual(['send confluent']);
  expect(ran.logged).toEqual([
    expect.stringContaining('kafkajs was loaded before this instrumentation'),
    TOO_EARLY,
  ]);
});

describe('a process ends as without instrumentation', () => {
  const ended = async (END: string, execArgv: readonly string[]) => {
    const { topic } = await createTopics(['topic']);
    const collector = await startCollector();
    try {
      const program = startProgram({
        file: join(folder, 'ending.cjs'),
        execArgv,
        env: { ...otlpEnvironment(collector), ...brokerEnvironment, END, TOPIC: topic.name },
      });
      const { ms, ...exit } = await program.exit;
      const isError = program.stderr.includes('Error: wanted');
      return { ms, visible: { ...exit, stdout: program.stdout, isError } };
    } finally {
      await collector.close();
    }
  };

  test.each(['itself', 'code', 'exit', 'error'])('by %s', async END => {
    const [bare, instrumented] = [await ended(END, []), await ended(END, register)];
    expect(instrumented.visible).toEqual(bare.visible);
    // A timer, a listener or a request that is still active would delay the exit for longer.
    expect(instrumented.ms).toBeLessThan(bare.ms + 15_000);
  });
});
