/**
 * Small programs that test the `doctor` command, described as data. Each program has a Kafka client, a module system
 * and a way to load this package.
 */
export type ClientId = 'kafkajs' | '@confluentinc/kafka-javascript';
export type Language = 'CommonJS' | 'ES module' | 'TypeScript';

export interface SmallProgram {
  readonly client: ClientId;
  readonly language: Language;
  readonly setup: string;
  readonly files: Readonly<Record<string, string>>;
  /** The command that starts the program, split into words. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Level and code of each finding that the doctor must report, apart from the level `ok`. */
  readonly issues: readonly string[];
}

interface Setup {
  readonly setup: string;
  readonly preload?: 'register' | 'import register' | 'tracing';
  /** The files that the main file loads, in this order. */
  readonly loads?: readonly string[];
  readonly tracing?: (code: string) => string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly problem?: string;
}

const same = (code: string): string => code;

const SETUPS: readonly Setup[] = [
  { setup: 'register with --require', preload: 'register' },
  { setup: 'register with --import', preload: 'import register' },
  { setup: 'a preloaded tracing file', preload: 'tracing', tracing: same },
  { setup: 'a tracing file that is loaded first', loads: ['tracing', 'producer'], tracing: same },
  {
    setup: 'a tracing file that is loaded last',
    loads: ['producer', 'tracing'],
    tracing: same,
    problem: 'loading.late',
  },
  { setup: 'nothing', problem: 'loading.none' },
  { setup: 'a tracing file that nothing loads', tracing: same, problem: 'loading.unused' },
  {
    setup: 'an SDK that is not started',
    preload: 'tracing',
    tracing: code => code.replace('sdk.start();', ''),
    problem: 'sdk.notStarted',
  },
  {
    setup: 'an instrumentation that is not created',
    preload: 'tracing',
    tracing: code => code.replace('new KafkaInstrumentation()', '').concat('void KafkaInstrumentation;\n'),
    problem: 'loading.notMade',
  },
  {
    setup: 'register without an SDK to attach to',
    preload: 'register',
    environment: { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' },
    problem: 'sdk.none',
  },
  {
    setup: 'the switch of the instrumentation',
    preload: 'register',
    environment: { OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'false' },
    problem: 'environment.off',
  },
  {
    setup: 'a sampler that keeps nothing',
    preload: 'register',
    environment: { OTEL_TRACES_SAMPLER: 'always_off' },
    problem: 'environment.off',
  },
];

const load = (language: Language, names: string, from: string): string =>
  language === 'CommonJS' ? `const ${names} = require('${from}');\n` : `import ${names} from '${from}';\n`;

const run = (language: Language, file: string): string =>
  language === 'CommonJS' ? `require('${file}');\n` : `import '${file}';\n`;

/**
 * Returns code that sends without a connection. The `send` of kafkajs fails immediately, but it still creates a span.
 */
function producerOf(client: ClientId, language: Language): string {
  const created =
    client === 'kafkajs'
      ? "new Kafka({ brokers: ['127.0.0.1:9092'], logLevel: 0 }).producer()"
      : "new KafkaJS.Kafka({ kafkaJS: { brokers: ['127.0.0.1:9092'] } }).producer()";
  return [
    load(language, client === 'kafkajs' ? '{ Kafka }' : '{ KafkaJS }', client),
    `const producer = ${created};\n`,
    "const send = () => producer.send({ topic: 'orders', messages: [{ value: 'one' }] }).catch(() => undefined);\n",
    // Send only after all files are loaded, in whatever order.
    'setImmediate(send);\n',
  ].join('');
}

const tracingOf = (language: Language): string =>
  [
    load(language, '{ NodeSDK }', '@opentelemetry/sdk-node'),
    load(language, '{ KafkaInstrumentation }', '@org/kafka-otel'),
    'const sdk = new NodeSDK({ instrumentations: [new KafkaInstrumentation()] });\n',
    'sdk.start();\n',
    "process.once('beforeExit', () => sdk.shutdown());\n",
  ].join('');

function program(
  client: ClientId,
  language: Language,
  { setup, preload, loads = ['producer'], tracing, environment = {}, problem }: Setup,
): SmallProgram {
  const extension = language === 'TypeScript' ? '.ts' : '.js';
  const inImport = language === 'TypeScript' ? '' : extension;
  const flag = language === 'ES module' ? '--import' : '--require';
  const preloads = {
    register: ['--require', '@org/kafka-otel/register'],
    'import register': ['--import', '@org/kafka-otel/register'],
    tracing: [flag, `./tracing${extension}`],
  };
  const isOwn = preload === 'tracing' || loads.includes('tracing');
  return {
    client,
    language,
    setup,
    files: {
      [`producer${extension}`]: producerOf(client, language),
      ...(tracing && { [`tracing${extension}`]: tracing(tracingOf(language)) }),
      [`app${extension}`]: loads.map(name => run(language, `./${name}${inImport}`)).join(''),
    },
    command: [
      language === 'TypeScript' ? 'tsx' : 'node',
      ...(preload ? preloads[preload] : []),
      `app${extension}`,
    ],
    environment,
    issues: [
      ...(isOwn && language === 'ES module' ? ['warning entry.loader'] : []),
      ...(problem === undefined ? [] : [`problem ${problem}`]),
    ],
  };
}

const CLIENTS: readonly ClientId[] = ['kafkajs', '@confluentinc/kafka-javascript'];
const LANGUAGES: readonly Language[] = ['CommonJS', 'ES module', 'TypeScript'];

export const SMALL_PROGRAMS: readonly SmallProgram[] = CLIENTS.flatMap(client =>
  LANGUAGES.flatMap(language => SETUPS.map(setup => program(client, language, setup))),
);
