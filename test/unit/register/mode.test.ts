import {
  chooseMode,
  claimProcess,
  registerProblems,
  wantedClients,
  wantsEsmLoader,
} from '../../../src/register/mode';

test('only the first copy of the package in a process boots', () => {
  expect([claimProcess(), claimProcess()]).toEqual([true, false]);
});

test.each([
  [{}, 'start'],
  [{ OTEL_SDK_DISABLED: 'True' }, 'off'],
  [{ OTEL_SDK_DISABLED: 'false' }, 'start'],
  [{ OTEL_INSTRUMENTATION_KAFKA_REGISTER: ' Attach' }, 'attach'],
  [{ OTEL_SDK_DISABLED: 'true', OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' }, 'off'],
])('with %j it chooses "%s"', (env, mode) => {
  expect(chooseMode(env)).toBe(mode);
});

test.each([
  [{}, true],
  [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs, kafkajs' }, false],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,kafkajs' }, true],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' }, false],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'kafkajs', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'kafkajs' }, false],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: '' }, true],
])('with %j kafkajs is instrumented: %s', (env, wanted) => {
  expect(wantedClients([{ instrumentationName: 'kafkajs' }], env).length === 1).toBe(wanted);
});

const ENABLED = 'OTEL_NODE_ENABLED_INSTRUMENTATIONS';
const DISABLED = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';

test.each([
  [{}, ['kafkajs', 'confluent-kafka-javascript']],
  [{ [DISABLED]: 'confluent-kafka-javascript' }, ['kafkajs']],
  [{ [DISABLED]: 'kafkajs' }, ['confluent-kafka-javascript']],
  [{ [DISABLED]: 'fs, kafka' }, []],
  [{ [ENABLED]: 'http,confluent-kafka-javascript' }, ['confluent-kafka-javascript']],
  [{ [ENABLED]: 'kafka' }, ['kafkajs', 'confluent-kafka-javascript']],
  [{ [ENABLED]: 'http' }, []],
  [{ [ENABLED]: 'kafka', [DISABLED]: 'kafkajs' }, ['confluent-kafka-javascript']],
  [{ [ENABLED]: 'kafkajs,confluent-kafka-javascript', [DISABLED]: 'kafka' }, []],
])('of both clients, %j leaves %j', (env, wanted) => {
  const libraries = ['kafkajs', 'confluent-kafka-javascript'].map(name => ({ instrumentationName: name }));
  expect(wantedClients(libraries, env).map(({ instrumentationName }) => instrumentationName)).toEqual(wanted);
});

test.each([
  [{}, [], true],
  [{ OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER: 'FALSE' }, [], false],
  [{}, ['--experimental-loader=@opentelemetry/instrumentation/hook.mjs'], false],
  [{ NODE_OPTIONS: '--loader import-in-the-middle/hook.mjs' }, [], false],
  [{ NODE_OPTIONS: '--require @org/kafka-otel/register' }, ['--enable-source-maps'], true],
  [{}, ['-e', 'code'], false],
  [{}, ['--print=code'], false],
])('with %j and flags %j it brings its own ESM loader hook: %s', (env, flags, wanted) => {
  expect(
    wantsEsmLoader(env, { argv: ['node', 'main.mjs'], execArgv: flags, versions: { node: '24.0.0' } }),
  ).toBe(wanted);
});

test.each(['bun', 'deno'])('under %s there is no ESM loader hook', name => {
  const versions = { node: '24.3.0', [name]: '1.0.0' };
  expect(wantsEsmLoader({}, { argv: [name, 'main.mjs'], execArgv: [], versions })).toBe(false);
});

test('without a main script there is no ESM loader hook', () => {
  expect(wantsEsmLoader({}, { argv: ['node'], execArgv: [], versions: {} })).toBe(false);
});

test('a value that is not allowed is reported with the allowed ones', () => {
  const env = {
    OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attached',
    OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER: 'True',
  };
  expect(registerProblems(env)).toEqual([
    'OTEL_INSTRUMENTATION_KAFKA_REGISTER is "attached", which is not allowed and is ignored. Allowed: attach',
  ]);
  expect(registerProblems({})).toEqual([]);
});
