import { registerPath } from '../../../support/program';
import type { Topic } from '../../loading/support/topics';
import { processed, sent, type WholeSpan } from '../../loading/support/whole';
import { api, apiOf, deepKafkajs, kafkajs, kafkaOtel, sdk, sdkOf, type Packages, type Run } from './programs';

/** A program that runs with the image, and its expected spans and output. */
export interface Case {
  readonly name: string;
  readonly packages: () => Packages;
  readonly program: Omit<Run, 'cwd'>;
  readonly spans: (topic: Topic) => readonly WholeSpan[];
  /** `service.name` of the spans. Default: the name in the variables of the container. */
  readonly service?: string;
  /** Expected stderr. Default: empty. */
  readonly stderr?: RegExp;
  /** The oldest Node.js that its packages support. Default: any. */
  readonly nodeMajor?: number;
}

const roundTrip = (topic: Topic): WholeSpan[] => [sent(topic), processed(topic)];

const within = (topic: Topic): WholeSpan[] => [
  {
    name: 'own',
    kind: 'INTERNAL',
    scope: 'own',
    parent: undefined,
    links: [],
    attributes: {},
    status: { code: 'UNSET', message: '' },
    events: [],
  },
  { ...sent(topic), parent: 'own' },
  processed(topic),
];

/** A newer API package does not find an SDK that an older API package registered. */
const newerApi =
  /^kafka-otel: warning: the program uses @opentelemetry\/api 1\.10\.0, but @org\/kafka-otel uses the older 1\.9\.1, .+=attach instead\n$/;

const attach = { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' };

/** Logged once for each SDK that the program starts. The SDK of `register` stays active. */
const duplicates = /^kafka-otel: error: the program starts an OpenTelemetry SDK itself, .+=attach\. .+\n$/;

export const cases: readonly Case[] = [
  {
    name: 'an ES module',
    packages: () => kafkajs,
    program: { file: 'loading/named.mjs' },
    spans: roundTrip,
  },
  {
    name: 'a program under npm start',
    packages: () => kafkajs,
    program: { node: 'npm', args: ['start', '--silent'], env: { npm_config_loglevel: 'silent' } },
    spans: roundTrip,
    nodeMajor: 20,
  },
  {
    name: 'a program with kafkajs deep in its folders',
    packages: () => deepKafkajs,
    program: { file: 'containers/deep.cjs' },
    spans: roundTrip,
  },
  {
    name: 'a program that makes spans with its own copy of the API',
    packages: () => ({ ...kafkajs, ...api }),
    program: { file: 'containers/own-api.cjs' },
    spans: within,
  },
  {
    name: 'a program that starts an SDK of its own',
    packages: () => ({ ...kafkajs, ...sdk }),
    program: { file: 'containers/own-sdk.cjs' },
    spans: within,
    stderr: duplicates,
  },
  {
    name: 'a program whose own SDK is attached to',
    packages: () => ({ ...kafkajs, ...sdk }),
    program: { file: 'containers/own-sdk.cjs', env: attach },
    spans: within,
    service: 'own-sdk',
  },
  {
    name: 'a program with its own copy of this package in its own SDK',
    packages: () => ({ ...kafkajs, ...sdk, ...kafkaOtel }),
    program: { file: 'containers/own-kafka-otel.cjs' },
    spans: roundTrip,
    stderr: duplicates,
  },
];

/** Only with `CONTAINERS=all`. These programs need packages from npm, or test little more than the other programs. */
export const moreCases: readonly Case[] = [
  {
    name: 'a program with its own copy of this package, attached to its own SDK',
    packages: () => ({ ...kafkajs, ...sdk, ...kafkaOtel }),
    program: { file: 'containers/own-kafka-otel.cjs', env: attach },
    spans: roundTrip,
    service: 'own-sdk',
  },
  {
    name: 'a program that is started with its own copy of register',
    packages: () => kafkajs,
    program: { file: 'containers/plain.cjs', execArgv: ['--require', registerPath] },
    spans: roundTrip,
  },
  {
    name: 'a program with an older API',
    packages: () => ({ ...kafkajs, ...apiOf('1.4.1') }),
    program: { file: 'containers/own-api.cjs' },
    spans: within,
  },
  {
    name: 'a program with a newer API, whose own spans find no SDK of their version,',
    packages: () => ({ ...kafkajs, ...apiOf('1.10.0') }),
    program: { file: 'containers/own-api.cjs' },
    spans: roundTrip,
    stderr: newerApi,
  },
  {
    name: 'a program with an SDK of the line before',
    packages: () => ({ ...kafkajs, ...sdkOf('0.57.2', '1.9.0') }),
    program: { file: 'containers/own-sdk.cjs' },
    spans: within,
    stderr: /the program starts an OpenTelemetry SDK itself/,
  },
  {
    name: 'a program whose SDK of the line before is attached to',
    packages: () => ({ ...kafkajs, ...sdkOf('0.57.2', '1.9.0') }),
    program: { file: 'containers/own-sdk.cjs', env: attach },
    spans: within,
    service: 'own-sdk',
  },
  {
    name: 'a program with an SDK 3.x, which finds the place taken by another version,',
    packages: () => ({ ...kafkajs, ...sdkOf('0.301.0', '1.10.0') }),
    program: { file: 'containers/own-sdk.cjs' },
    spans: roundTrip,
    stderr: newerApi,
    nodeMajor: 22,
  },
  {
    name: 'a program whose SDK 3.x is attached to',
    packages: () => ({ ...kafkajs, ...sdkOf('0.301.0', '1.10.0') }),
    program: { file: 'containers/own-sdk.cjs', env: attach },
    spans: within,
    service: 'own-sdk',
    nodeMajor: 22,
  },
];
