import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SIGNATURES } from '../../../src/doctor/clients';
import {
  OWN_SDK,
  PACKAGES,
  ZERO_CODE,
  issuesOf,
  diagnoseTree,
  installed,
  manifest,
  type Tree,
} from './layout';

const REGISTER = 'node --require @org/kafka-otel/register app.js';
const BUNDLE = `
throw new E("Failed to connect to seed broker, trying another");throw new E(\`Failed to find group coordinator\`);
x(\`Invalid message without value for topic "\${t}"\`);
`;

describe('no issue is found in', () => {
  test.each([
    ['a service that is preloaded', ZERO_CODE],
    ['a service with an SDK of its own', OWN_SDK],
  ])('%s', async (_, tree) => {
    const diagnosis = await diagnoseTree(tree);
    expect(issuesOf(diagnosis)).toEqual([]);
    expect(diagnosis.flows).toBe(true);
    expect(diagnosis.summary).toBe(
      'Spans would flow: what app.js sends, handles and commits through kafkajs 2.2.4 is traced.',
    );
  });
});

interface Wrong {
  readonly what: string;
  /** Changes to a service without issues. */
  readonly tree?: Tree;
  readonly of?: Tree;
  readonly environment?: Record<string, string>;
  readonly nodeVersion?: string;
  readonly issues: readonly string[];
}

const wrong: readonly Wrong[] = [
  { what: 'a Node.js that is too old', nodeVersion: '18.18.2', issues: ['problem node.old'] },
  { what: 'a Node.js between two that work', nodeVersion: '20.5.1', issues: ['problem node.old'] },
  {
    what: 'an SDK that needs a newer Node.js',
    tree: installed('@opentelemetry/sdk-node', '0.300.0', { engines: { node: '>=22.15.0' } }),
    issues: ['problem node.sdk'],
  },
  {
    what: 'TypeScript that Node.js cannot run',
    tree: {
      'package.json': manifest('node --require @org/kafka-otel/register app.ts'),
      'app.ts': "import 'kafkajs';",
    },
    issues: ['warning entry.typescript'],
  },
  {
    what: 'ES modules under an SDK of the program, without a loader',
    of: OWN_SDK,
    tree: {
      'package.json': manifest('node --require ./tracing.cjs app.mjs'),
      'tracing.cjs': OWN_SDK['tracing.js'],
      'app.mjs': "import 'kafkajs';",
    },
    issues: ['warning entry.loader'],
  },
  {
    what: 'no kafkajs',
    tree: { 'node_modules/kafkajs/package.json': undefined },
    issues: ['problem clients.missing'],
  },
  {
    what: 'a kafkajs that is too old',
    tree: installed('kafkajs', '1.3.1'),
    issues: ['problem clients.version'],
  },
  {
    what: 'a second kafkajs that is too old',
    tree: {
      ...installed('queue', '1.0.0', { dependencies: { kafkajs: '1' } }),
      ...installed('kafkajs', '1.3.1', {}, 'node_modules/queue/node_modules'),
      'app.js': "require('queue'); require('./producer');",
    },
    issues: ['warning clients.version'],
  },
  { what: 'kafkajs inside of a bundle', tree: { 'app.js': BUNDLE }, issues: ['problem clients.inlined'] },
  {
    what: 'a package that nothing loads',
    tree: { 'package.json': manifest('node app.js') },
    issues: ['problem loading.none'],
  },
  {
    what: 'a tracing file that nothing loads',
    of: OWN_SDK,
    tree: { 'package.json': manifest('node app.js') },
    issues: ['problem loading.unused'],
  },
  {
    what: 'a package that is preloaded and not installed',
    tree: { 'node_modules/@org/kafka-otel/package.json': undefined },
    issues: ['problem loading.missing'],
  },
  {
    what: 'a class without an instance',
    of: OWN_SDK,
    tree: {
      'tracing.js': `${String(OWN_SDK['tracing.js']).replace('new KafkaJsInstrumentation()', '')} KafkaJsInstrumentation;`,
    },
    issues: ['problem loading.notMade'],
  },
  {
    what: 'a tracing file that is loaded after the clients',
    of: OWN_SDK,
    tree: {
      'package.json': manifest('node app.js'),
      'app.js': "require('./producer'); require('./tracing');",
    },
    issues: ['problem loading.late'],
  },
  {
    what: 'a tracing file that is loaded after kafkajs',
    of: OWN_SDK,
    tree: {
      'package.json': manifest('node app.js'),
      'app.js': "require('kafkajs'); require('./tracing'); require('./producer');",
    },
    issues: ['warning loading.order'],
  },
  {
    what: 'no API package',
    tree: { 'node_modules/@opentelemetry/api/package.json': undefined },
    issues: ['problem api.missing'],
  },
  {
    what: 'an API package that is too old',
    tree: installed('@opentelemetry/api', '1.8.0'),
    issues: ['problem api.version'],
  },
  {
    what: 'two versions of the API package under register',
    tree: installed('@opentelemetry/api', '1.9.0', {}, 'node_modules/@org/kafka-otel/node_modules'),
    issues: ['problem api.versions'],
  },
  {
    what: "an API package that is newer than the SDK's",
    of: OWN_SDK,
    tree: installed('@opentelemetry/api', '1.10.0', {}, 'node_modules/@org/kafka-otel/node_modules'),
    issues: ['problem api.versions'],
  },
  {
    what: 'a library with a newer API package',
    tree: {
      ...installed('pay', '1.0.0', { dependencies: { '@opentelemetry/api': '1' } }),
      ...installed('@opentelemetry/api', '1.10.0', {}, 'node_modules/pay/node_modules'),
      'app.js': "require('pay'); require('./producer');",
    },
    issues: ['warning api.copies'],
  },
  {
    what: 'no SDK for register',
    tree: { 'node_modules/@opentelemetry/sdk-node/package.json': undefined },
    issues: ['problem sdk.missing'],
  },
  {
    what: 'no other instrumentations',
    tree: { 'node_modules/@opentelemetry/auto-instrumentations-node/package.json': undefined },
    issues: ['warning sdk.kafkaAlone'],
  },
  {
    what: 'an SDK 1.x',
    tree: installed('@opentelemetry/sdk-node', '0.57.2'),
    issues: ['warning sdk.old'],
  },
  {
    what: 'an SDK of the program that is not installed',
    of: OWN_SDK,
    tree: { 'node_modules/@opentelemetry/sdk-node/package.json': undefined },
    issues: ['problem sdk.missing'],
  },
  {
    what: 'an SDK that is not started',
    of: OWN_SDK,
    tree: { 'tracing.js': String(OWN_SDK['tracing.js']).replace('.start()', '') },
    issues: ['problem sdk.notStarted'],
  },
  {
    what: 'an instrumentation that is not passed to the SDK',
    of: OWN_SDK,
    tree: {
      'tracing.js':
        "const { NodeSDK } = require('@opentelemetry/sdk-node'); const { KafkaJsInstrumentation } = require('@org/kafka-otel'); new KafkaJsInstrumentation(); new NodeSDK().start();",
    },
    issues: ['warning sdk.notListed'],
  },
  {
    what: 'register in attach mode without an SDK',
    environment: { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' },
    issues: ['problem sdk.none'],
  },
  {
    what: 'two SDKs',
    tree: {
      'app.js': "require('./own-sdk'); require('./producer');",
      'own-sdk.js': "const { NodeSDK } = require('@opentelemetry/sdk-node'); new NodeSDK().start();",
    },
    issues: ['warning sdk.two'],
  },
  {
    what: 'the official instrumentation in auto-instrumentations-node',
    of: OWN_SDK,
    tree: {
      'tracing.js': `${String(OWN_SDK['tracing.js'])} require('@opentelemetry/auto-instrumentations-node').getNodeAutoInstrumentations();`,
    },
    issues: ['warning competitors.official'],
  },
  {
    what: 'the official instrumentation through its own register',
    tree: {
      'package.json': manifest(
        'node -r @opentelemetry/auto-instrumentations-node/register -r @org/kafka-otel/register app.js',
      ),
    },
    issues: ['warning competitors.official'],
  },
  {
    what: 'the official instrumentation itself',
    of: OWN_SDK,
    tree: {
      ...installed('@opentelemetry/instrumentation-kafkajs', '0.32.0'),
      'tracing.js': `${String(OWN_SDK['tracing.js'])} require('@opentelemetry/instrumentation-kafkajs');`,
    },
    issues: ['warning competitors.official'],
  },
  ...[
    'dd-trace',
    'newrelic',
    'elastic-apm-node',
    'appdynamics',
    'opentelemetry-instrumentation-kafkajs',
    '@sentry/node',
    '@instana/collector',
  ].map((name): Wrong => ({
    what: `${name} beside it`,
    tree: { ...installed(name, '1.0.0'), 'app.js': `require('${name}'); require('./producer');` },
    issues: ['warning competitors.other'],
  })),
  {
    what: 'a kill switch',
    environment: { OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'false' },
    issues: ['problem environment.off'],
  },
  {
    what: 'the switch for the official instrumentation',
    environment: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,kafkajs' },
    issues: ['problem environment.off'],
  },
  ...['kafkajs', 'kafka'].map((name): Wrong => ({
    what: `a switch for ${name} beside an SDK of the program`,
    of: OWN_SDK,
    environment: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: name },
    issues: ['problem environment.off'],
  })),
  {
    what: 'a list of instrumentations without this one',
    environment: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg' },
    issues: ['problem environment.off'],
  },
  {
    what: 'OpenTelemetry switched off',
    environment: { OTEL_SDK_DISABLED: 'true' },
    issues: ['problem environment.off'],
  },
  {
    what: 'no exporter',
    environment: { OTEL_TRACES_EXPORTER: 'none' },
    issues: ['problem environment.off'],
  },
  {
    what: 'a sampler that keeps nothing',
    environment: { OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
    issues: ['problem environment.off'],
  },
  {
    what: 'a ratio that keeps nothing',
    environment: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    issues: ['problem environment.off'],
  },
  {
    what: 'a wrong value',
    environment: { OTEL_INSTRUMENTATION_KAFKA_SEMCONV: '1.43' },
    issues: ['warning environment.value'],
  },
  {
    what: 'a variable that nothing reads',
    environment: { OTEL_INSTRUMENTATION_KAFKA_TOPIC: 'orders' },
    issues: ['warning environment.value'],
  },
  {
    what: 'a wrong mode of register',
    environment: { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'no' },
    issues: ['warning environment.value'],
  },
  {
    what: 'a wrong log level',
    environment: { OTEL_LOG_LEVEL: 'loud' },
    issues: ['warning environment.value'],
  },
  {
    what: 'sampling rules that cannot be read',
    environment: { OTEL_INSTRUMENTATION_KAFKA_SAMPLING: 'clicks' },
    issues: ['warning environment.value'],
  },
  {
    what: 'a variable with a missing letter',
    environment: { OTEL_EXPORTER_OTLP_ENDPONT: 'http://collector:4318' },
    issues: ['warning environment.unknown'],
  },
  {
    what: 'no propagator',
    environment: { OTEL_PROPAGATORS: 'none' },
    issues: ['warning environment.propagators'],
  },
  {
    what: 'propagators without tracecontext',
    environment: { OTEL_PROPAGATORS: 'b3,baggage' },
    issues: ['warning environment.propagators'],
  },
  {
    what: 'an endpoint that is not a URL',
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    issues: ['problem exporter.url'],
  },
  {
    what: 'the port of the other protocol',
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' },
    issues: ['problem exporter.port'],
  },
  {
    what: 'the other port of the other protocol',
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    },
    issues: ['problem exporter.port'],
  },
  {
    what: 'an unknown protocol',
    environment: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http' },
    issues: ['problem exporter.protocol'],
  },
  {
    what: "a signal's path in the base address",
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/v1/traces' },
    issues: ['problem exporter.path'],
  },
  {
    what: 'a missing path in the address of a signal',
    environment: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318' },
    issues: ['warning exporter.path'],
  },
  {
    what: 'an unknown exporter',
    environment: { OTEL_TRACES_EXPORTER: 'jaeger' },
    issues: ['problem exporter.unknown'],
  },
];

test.each(wrong)(
  '$what is found, and nothing else',
  async ({ tree, of = ZERO_CODE, environment = {}, nodeVersion, issues }) => {
    const diagnosis = await diagnoseTree(
      { ...of, ...tree },
      { environment, ...(nodeVersion === undefined ? {} : { nodeVersion }) },
    );
    expect(issuesOf(diagnosis)).toEqual(issues);
    expect(diagnosis.flows).toBe(!issues.some(each => each.startsWith('problem')));
  },
);

test('a bundle that passes kafkajs to instrumentModule has no issues', async () => {
  const tree = { ...OWN_SDK, 'app.js': `${BUNDLE} instrumentation.instrumentModule(r());` };
  expect(issuesOf(await diagnoseTree(tree))).toEqual([]);
});

describe('a bundle with this package in it', () => {
  const OURS = 'w("instrumentModule got a module that is not a supported client library");';
  const SDK = 'n("OTEL_BSP_MAX_EXPORT_BATCH_SIZE",512);';
  const started = { ...PACKAGES, 'package.json': manifest('node app.js') };

  test('has no issues with an SDK in it, also outside of any package', async () => {
    const app = `${BUNDLE}${OURS}${SDK} i.instrumentModule(r());`;
    const alone = { 'package.json': { name: 'shop', main: 'app.js' }, 'app.js': app };
    expect(issuesOf(await diagnoseTree(alone))).toEqual([]);
    expect(issuesOf(await diagnoseTree({ ...started, 'app.js': app }))).toEqual([]);
  });

  test('has no issues with kafkajs and an SDK outside of it', async () => {
    const app = `require("@opentelemetry/sdk-node").NodeSDK;require("kafkajs");${OURS}`;
    expect(issuesOf(await diagnoseTree({ ...started, 'app.js': app }))).toEqual([]);
  });

  test('needs an SDK', async () => {
    const app = `${BUNDLE}${OURS} i.instrumentModule(r());`;
    expect(issuesOf(await diagnoseTree({ ...started, 'app.js': app }))).toEqual(['problem sdk.none']);
  });

  const REGISTERED = `require("kafkajs");${OURS}e("kafka-otel: not started, the program runs without telemetry");`;

  test('may contain register', async () => {
    const app = `${REGISTERED} typeof __webpack_require__ == "function";`;
    expect(issuesOf(await diagnoseTree({ ...started, 'app.js': app }))).toEqual([]);
  });

  test.each([
    ['minified', `${REGISTERED} "function" == typeof n;`],
    ['not minified', `var __webpack_modules__; ${REGISTERED} typeof __webpack_require__ === 'function';`],
  ])('cannot contain register if webpack created it, %s', async (_, app) => {
    expect(issuesOf(await diagnoseTree({ ...started, 'app.js': app }))).toEqual([
      'problem loading.registerInlined',
    ]);
  });
});

test('an own SDK that is preloaded before register is used by it', async () => {
  const tree = {
    ...ZERO_CODE,
    'sdk.js': "const { NodeSDK } = require('@opentelemetry/sdk-node'); new NodeSDK().start();",
    'package.json': manifest('node -r ./sdk.js -r @org/kafka-otel/register app.js'),
  };
  expect(issuesOf(await diagnoseTree(tree))).toEqual([]);
});

test('in attach mode, register may have an older copy of the API than the program', async () => {
  const tree = {
    ...OWN_SDK,
    ...installed('@opentelemetry/api', '1.9.0', {}, 'node_modules/@org/kafka-otel/node_modules'),
    'package.json': manifest('node --require @org/kafka-otel/register app.js'),
    'app.js': "require('./sdk'); require('./producer');",
    'sdk.js': "const { NodeSDK } = require('@opentelemetry/sdk-node'); new NodeSDK().start();",
  };
  const environment = { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' };
  expect(issuesOf(await diagnoseTree(tree, { environment }))).toEqual([]);
});

test('kafkajs contains the texts by which a bundle is recognised', () => {
  const folder = join(dirname(require.resolve('kafkajs/package.json')), 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.js'),
  );
  const code = files.map(file => readFileSync(join(folder, file), 'utf8')).join('\n');
  expect(SIGNATURES.kafkajs.filter(text => !code.includes(text))).toEqual([]);
});

test('preloads in NODE_OPTIONS count', async () => {
  const tree = { ...ZERO_CODE, 'package.json': manifest('node app.js') };
  const environment = { NODE_OPTIONS: '--require @org/kafka-otel/register' };
  const diagnosis = await diagnoseTree(tree, { environment });
  expect(issuesOf(diagnosis)).toEqual([]);
  expect(diagnosis.findings.map(({ text }) => text)).toContain(
    '@org/kafka-otel 0.1.0 is loaded through register (NODE_OPTIONS)',
  );
});

test('variables of the start script and of its env file count', async () => {
  const tree = {
    ...ZERO_CODE,
    '.env': 'OTEL_SDK_DISABLED="true" # for now\nOTEL_TRACES_SAMPLER=always_on\n',
    'package.json': manifest(`OTEL_PROPAGATORS=none ${REGISTER.replace('node', 'node --env-file=.env')}`),
  };
  expect(issuesOf(await diagnoseTree(tree))).toEqual([
    'problem environment.off',
    'warning environment.propagators',
  ]);
});

test('the copies in a store of symbolic links are found, each once', async () => {
  const store = 'node_modules/.pnpm';
  const tree = {
    ...ZERO_CODE,
    'node_modules/kafkajs/package.json': undefined,
    'node_modules/kafkajs': { linkTo: `${store}/kafkajs@2.2.4/node_modules/kafkajs` },
    ...installed('kafkajs', '2.2.4', {}, `${store}/kafkajs@2.2.4/node_modules`),
    'node_modules/queue': { linkTo: `${store}/queue@1.0.0/node_modules/queue` },
    ...installed('queue', '1.0.0', { dependencies: { kafkajs: '1' } }, `${store}/queue@1.0.0/node_modules`),
    [`${store}/queue@1.0.0/node_modules/kafkajs`]: { linkTo: `${store}/kafkajs@1.16.0/node_modules/kafkajs` },
    ...installed('kafkajs', '1.16.0', {}, `${store}/kafkajs@1.16.0/node_modules`),
    'app.js': "require('queue'); require('./producer');",
  };
  const { findings, summary } = await diagnoseTree(tree);
  expect(
    findings
      .filter(({ code }) => code.startsWith('clients'))
      .map(({ text }) => text)
      .sort(),
  ).toEqual([
    `kafkajs 1.16.0 in ${store}/kafkajs@1.16.0/node_modules/kafkajs`,
    `kafkajs 2.2.4 in ${store}/kafkajs@2.2.4/node_modules/kafkajs`,
  ]);
  expect(summary).toMatch(/through kafkajs (2\.2\.4 and 1\.16\.0|1\.16\.0 and 2\.2\.4) is traced/);
});

test("a workspace's tracing package is followed, and its packages are found from there", async () => {
  const tree = {
    ...PACKAGES,
    'package.json': { name: 'root', workspaces: ['packages/*'] },
    'packages/app/package.json': {
      name: 'app',
      scripts: { start: 'node index.js' },
      dependencies: { tracing: '*', kafkajs: '2' },
    },
    'packages/app/index.js': "require('tracing'); require('kafkajs');",
    'node_modules/tracing': { linkTo: 'packages/tracing' },
    'packages/tracing/package.json': { name: 'tracing', main: 'main.js' },
    'packages/tracing/main.js': OWN_SDK['tracing.js'],
  };
  const diagnosis = await diagnoseTree(tree, { entry: 'packages/app' });
  expect(issuesOf(diagnosis)).toEqual([]);
  expect(diagnosis.findings.find(({ code }) => code === 'loading.own')?.text).toContain(
    'packages/tracing/main.js',
  );
});

test('a copy of this package that a container preloads by its path is recognised', async () => {
  const folder = 'node_modules/@org/kafka-otel';
  const tree = {
    ...ZERO_CODE,
    'package.json': manifest(`node --require ./${folder}/dist/register.js app.js`),
    [`${folder}/dist/register.js`]: '',
  };
  expect(issuesOf(await diagnoseTree(tree))).toEqual([]);
});
