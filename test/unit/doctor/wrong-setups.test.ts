import { OWN_SDK, ZERO_CODE, diagnoseTree, installed, issuesOf, manifest, type Tree } from './layout';

/** The difference from a setup without issues. */
interface Change {
  /** The setup to change. Default: the preloaded service. */
  readonly of?: Tree;
  readonly tree?: Tree;
  readonly environment?: Record<string, string>;
  readonly nodeVersion?: string;
}
/** Setups by the issue that the doctor must find. */
type Wrong = Readonly<Record<string, Readonly<Record<string, Change>>>>;

const start = (command: string, files: Tree = {}): Change => ({
  tree: { 'package.json': manifest(command), ...files },
});
const packages = (...trees: readonly Tree[]): Change => ({ tree: Object.assign({}, ...trees) as Tree });
const without = (name: string): Change => ({ tree: { [`node_modules/${name}/package.json`]: undefined } });
const env = (name: string, value: string): Change => ({ environment: { [name]: value } });
/** Makes the same change to a service with its own SDK. */
const own = (change: Change): Change => ({ of: OWN_SDK, ...change });
/** Changes the tracing file in a service with its own SDK. */
const tracing = (edit: (text: string) => string): Change =>
  own({ tree: { 'tracing.js': edit(String(OWN_SDK['tracing.js'])) } });
const apiOfOurs = (version: string) =>
  installed('@opentelemetry/api', version, {}, 'node_modules/@org/kafka-otel/node_modules');
/** A package of the program that has its own version of another package. */
const bringing = (name: string, other: string, version: string): Change =>
  packages(
    installed(name, '1.0.0', { dependencies: { [other]: '1' } }),
    installed(other, version, {}, `node_modules/${name}/node_modules`),
    { 'app.js': `require('${name}'); require('./producer');` },
  );
const beside = (name: string): Change =>
  packages(installed(name, '1.0.0'), { 'app.js': `require('${name}'); require('./producer');` });
const ownSdk = "const { NodeSDK } = require('@opentelemetry/sdk-node'); new NodeSDK().start();";

const provider = (options: string, last = ''): Change =>
  own(
    packages(installed('@opentelemetry/sdk-trace-node', '2.12.1'), {
      'tracing.js': `
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { KafkaJsInstrumentation } = require('@org/kafka-otel');
const provider = new NodeTracerProvider({ ${options} });
registerInstrumentations({ instrumentations: [new KafkaJsInstrumentation()] });
${last}
`,
    }),
  );

const WRONG: Wrong = {
  'problem node.old': {
    'a Node.js that is too old': { nodeVersion: '18.18.2' },
    'a Node.js between two supported versions': { nodeVersion: '20.5.1' },
  },
  'problem node.sdk': {
    'an SDK that needs a newer Node.js': packages(
      installed('@opentelemetry/sdk-node', '0.300.0', { engines: { node: '>=22.15.0' } }),
    ),
  },
  'problem entry.typescript': {
    'TypeScript that Node.js cannot run': start('node --require @org/kafka-otel/register app.ts', {
      'app.ts': "import 'kafkajs';",
    }),
  },
  'warning entry.loader': {
    'ES modules under an SDK of the program without a loader': own(
      start('node --require ./tracing.cjs app.mjs', {
        'tracing.cjs': OWN_SDK['tracing.js'],
        'app.mjs': "import 'kafkajs';",
      }),
    ),
  },
  'problem clients.missing': {
    'a missing kafkajs': without('kafkajs'),
    'a program without any client': {
      tree: { 'node_modules/kafkajs/package.json': undefined, 'app.js': '', 'producer.js': '' },
    },
  },
  'problem clients.version': { 'a kafkajs that is too old': packages(installed('kafkajs', '1.3.1')) },
  'warning clients.version': { 'a second kafkajs that is too old': bringing('queue', 'kafkajs', '1.3.1') },
  'problem loading.none': { 'a package that nothing loads': start('node app.js') },
  'problem loading.unused': { 'a tracing file that nothing loads': own(start('node app.js')) },
  'problem loading.missing': {
    'a preloaded package that is not installed': without('@org/kafka-otel'),
  },
  'problem loading.notMade': {
    'a class without an instance': tracing(
      text => `${text.replace('new KafkaJsInstrumentation()', '')} KafkaJsInstrumentation;`,
    ),
  },
  'problem loading.late': {
    'a tracing file that is loaded after the clients': own(
      start('node app.js', { 'app.js': "require('./producer'); require('./tracing');" }),
    ),
  },
  'warning loading.order': {
    'a tracing file that is loaded after kafkajs': own(
      start('node app.js', {
        'app.js': "require('kafkajs'); require('./tracing'); require('./producer');",
      }),
    ),
  },
  'problem api.missing': { 'a missing API package': without('@opentelemetry/api') },
  'problem api.version': {
    'an API package that is too old': packages(installed('@opentelemetry/api', '1.8.0')),
  },
  'problem api.versions': {
    'two versions of the API package under register': packages(apiOfOurs('1.9.0')),
    "an API package that is newer than the SDK's, in attach mode": {
      tree: {
        ...apiOfOurs('1.10.0'),
        'app.js': "require('./own-sdk'); require('./producer');",
        'own-sdk.js': ownSdk,
      },
      environment: { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' },
    },
  },
  'warning api.versions': {
    "an API package that is newer than the SDK's": own(packages(apiOfOurs('1.10.0'))),
  },
  'problem sdk.noProcessor': {
    'a tracer provider without a span processor': provider('', 'provider.register();'),
  },
  'problem sdk.sampler': {
    'a sampler in code that keeps nothing': tracing(text =>
      text.replace('NodeSDK({', 'NodeSDK({ sampler: new AlwaysOffSampler(),'),
    ),
    'a root sampler in code that keeps nothing': tracing(text =>
      text.replace(
        'NodeSDK({',
        'NodeSDK({ sampler: new ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(0) }),',
      ),
    ),
  },
  'warning api.copies': {
    'a library with a newer API package': bringing('pay', '@opentelemetry/api', '1.10.0'),
  },
  'problem sdk.missing': {
    'register without an SDK': without('@opentelemetry/sdk-node'),
    'an SDK of the program that is not installed': own(without('@opentelemetry/sdk-node')),
  },
  'warning sdk.kafkaAlone': {
    'a program with HTTP and no other instrumentations': {
      tree: {
        'node_modules/@opentelemetry/auto-instrumentations-node/package.json': undefined,
        'app.js': "require('node:http'); require('./producer');",
      },
    },
  },
  'warning sdk.old': { 'an SDK 1.x': packages(installed('@opentelemetry/sdk-node', '0.57.2')) },
  'problem sdk.notStarted': {
    'an SDK that is not started': tracing(text => text.replace('.start()', '')),
    'a tracer provider that is not registered': provider(
      'spanProcessors: [new BatchSpanProcessor(exporter)]',
    ),
  },
  'warning sdk.notListed': {
    'an instrumentation that is not passed to the SDK': tracing(
      () =>
        `${ownSdk} const { KafkaJsInstrumentation } = require('@org/kafka-otel'); new KafkaJsInstrumentation();`,
    ),
  },
  'problem sdk.none': {
    'register in attach mode without an SDK': env('OTEL_INSTRUMENTATION_KAFKA_REGISTER', 'attach'),
  },
  'warning sdk.two': {
    'a second SDK': {
      tree: { 'app.js': "require('./own-sdk'); require('./producer');", 'own-sdk.js': ownSdk },
    },
  },
  'warning competitors.official': {
    'the official instrumentation in auto-instrumentations-node': tracing(
      text => `${text} require('@opentelemetry/auto-instrumentations-node').getNodeAutoInstrumentations();`,
    ),
    'the official instrumentation through its own register': start(
      'node -r @opentelemetry/auto-instrumentations-node/register -r @org/kafka-otel/register app.js',
    ),
    'the official instrumentation itself': own(
      packages(installed('@opentelemetry/instrumentation-kafkajs', '0.32.0'), {
        'tracing.js': `${String(OWN_SDK['tracing.js'])} require('@opentelemetry/instrumentation-kafkajs');`,
      }),
    ),
  },
  'warning competitors.other': Object.fromEntries(
    [
      'dd-trace',
      'newrelic',
      'elastic-apm-node',
      'appdynamics',
      'opentelemetry-instrumentation-kafkajs',
      '@sentry/node',
      '@instana/collector',
    ].map(name => [name, beside(name)]),
  ),
  'problem environment.off': {
    'the kill switch': env('OTEL_INSTRUMENTATION_KAFKA_ENABLED', 'false'),
    'the switch of the official instrumentation': env('OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'fs,kafkajs'),
    'a switch for kafkajs beside an SDK of the program': own(
      env('OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'kafkajs'),
    ),
    'a switch for kafka beside an SDK of the program': own(
      env('OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'kafka'),
    ),
    'an option that leaves its client out': tracing(text =>
      text.replace('KafkaJsInstrumentation()', "KafkaJsInstrumentation({ clients: ['confluent'] })"),
    ),
    'a list of instrumentations without this one': env('OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'http,pg'),
    'OpenTelemetry switched off': env('OTEL_SDK_DISABLED', 'true'),
    'no exporter': env('OTEL_TRACES_EXPORTER', 'none'),
    'a sampler that keeps nothing': env('OTEL_TRACES_SAMPLER', 'parentbased_always_off'),
    'a ratio that keeps nothing': {
      environment: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    },
  },
  'warning environment.value': {
    'a wrong value': env('OTEL_INSTRUMENTATION_KAFKA_SEMCONV', '1.43'),
    'a variable that nothing reads': env('OTEL_INSTRUMENTATION_KAFKA_TOPIC', 'orders'),
    'a wrong mode of register': env('OTEL_INSTRUMENTATION_KAFKA_REGISTER', 'no'),
    'a wrong log level': env('OTEL_LOG_LEVEL', 'loud'),
    'sampling rules that cannot be read': env('OTEL_INSTRUMENTATION_KAFKA_SAMPLING', 'clicks'),
  },
  'warning environment.unknown': {
    'a misspelled variable': env('OTEL_EXPORTER_OTLP_ENDPONT', 'http://collector:4318'),
  },
  'warning environment.propagators': {
    'no propagator': env('OTEL_PROPAGATORS', 'none'),
    'propagators without tracecontext': env('OTEL_PROPAGATORS', 'b3,baggage'),
  },
  'problem exporter.url': {
    'an endpoint that is not a URL': env('OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'),
    'an endpoint with spaces': env('OTEL_EXPORTER_OTLP_ENDPOINT', 'the collector'),
  },
  'problem exporter.port': {
    'the gRPC port with HTTP': env('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4317'),
    'the HTTP port with gRPC': {
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      },
    },
  },
  'problem exporter.protocol': { 'an unknown protocol': env('OTEL_EXPORTER_OTLP_PROTOCOL', 'http') },
  'problem exporter.path': {
    'the path of a signal in the base address': env(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'http://collector:4318/v1/traces',
    ),
  },
  'warning exporter.path': {
    'a missing path in the address of a signal': env(
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'http://collector:4318',
    ),
  },
  'problem exporter.unknown': { 'an unknown exporter': env('OTEL_TRACES_EXPORTER', 'jaeger') },
};

describe.each(Object.entries(WRONG))('%s is the only issue of', (issue, setups) => {
  test.each(Object.entries(setups))('%s', async (_name, { of = ZERO_CODE, tree, ...changes }) => {
    const diagnosis = await diagnoseTree({ ...of, ...tree }, changes);
    expect(issuesOf(diagnosis)).toEqual([issue]);
    expect(diagnosis.flows).toBe(issue.startsWith('warning'));
    const [finding] = diagnosis.findings.filter(({ level }) => level !== 'ok');
    expect(finding).toMatchObject({
      // One sentence each.
      what: expect.not.stringMatching(/\. |\.$/) as string,
      why: expect.not.stringMatching(/\. |\.$/) as string,
      do: expect.stringMatching(/\S/) as string,
    });
    const [named] = /\b[\w./-]+\.[cm]?[jt]s\b/.exec(finding?.what.replace('Node.js', '') ?? '') ?? [];
    if (named !== undefined) expect(finding).toHaveProperty('file', named);
  });
});
