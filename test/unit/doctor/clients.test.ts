import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { confluent } from '../../../src/clients/confluent';
import { SIGNATURES } from '../../../src/doctor/checks/clients';
import { CONFLUENT, CONFLUENT_VERSIONS, labFolder } from '../../support/confluent';
import { OWN_SDK, ZERO_CODE, diagnoseTree, installed, issuesOf, manifest, type Tree } from './layout';

const KAFKAJS_REMOVED: Tree = { 'node_modules/kafkajs/package.json': undefined };
const INSTALLED: Tree = installed(CONFLUENT, '1.10.1');

/** A program that creates its producer in this way, with Confluent's client instead of kafkajs. */
const using = (producer: string, more: Tree = {}): Tree => ({
  ...ZERO_CODE,
  ...KAFKAJS_REMOVED,
  ...INSTALLED,
  'producer.js': producer,
  ...more,
});
const PROMISE_API = `
const { KafkaJS } = require('${CONFLUENT}');
module.exports = new KafkaJS.Kafka({ kafkaJS: { brokers: ['localhost:9092'] } }).producer();
`;
const ROOT_API = `const { Producer } = require('${CONFLUENT}'); module.exports = new Producer({});`;

describe('no issue is found in', () => {
  test.each<[string, Tree]>([
    ['a service that is preloaded', using(PROMISE_API)],
    [
      'a service with an SDK of its own',
      { ...OWN_SDK, ...KAFKAJS_REMOVED, ...INSTALLED, 'producer.js': PROMISE_API },
    ],
    ['one with the oldest supported version', using(PROMISE_API, installed(CONFLUENT, '1.0.0'))],
    ['one that still has kafkajs installed', using(PROMISE_API, installed('kafkajs', '1.0.0'))],
    ['one that still has node-rdkafka installed', using(PROMISE_API, installed('node-rdkafka', '3.6.1'))],
    ['one that requires the file of the promise API', using(`require('${CONFLUENT}/lib/kafkajs').Kafka`)],
    ['one that passes the package on', using(`module.exports = require('${CONFLUENT}');`)],
    [
      'one that imports types of the other API',
      using(`import { KafkaJS, type Producer } from '${CONFLUENT}';`),
    ],
    [
      'one with a class of its own that is called as one of the other API',
      using(
        `const { KafkaJS } = require('${CONFLUENT}'); class KafkaConsumer {} new KafkaConsumer(); a.Producer();`,
      ),
    ],
    ['one that TypeScript compiled', using(`const c_1 = require("${CONFLUENT}"); new c_1.KafkaJS.Kafka();`)],
  ])('%s', async (_, tree) => {
    const { findings, flows } = await diagnoseTree(tree);
    expect(issuesOf({ findings })).toEqual([]);
    expect(flows).toBe(true);
  });
});

test('the summary names each traced client with its versions', async () => {
  const both = using(PROMISE_API, {
    ...installed('kafkajs', '2.2.4'),
    'app.js': "require('kafkajs'); require('./producer');",
  });
  const { summary, findings } = await diagnoseTree(both);
  expect(summary).toBe(
    `Spans would flow: what app.js sends, handles and commits through ${CONFLUENT} 1.10.1 and kafkajs 2.2.4 is traced.`,
  );
  expect(findings.filter(({ code }) => code === 'clients.ok').map(({ what }) => what)).toEqual([
    `${CONFLUENT} 1.10.1 in node_modules/${CONFLUENT}`,
    'kafkajs 2.2.4 in node_modules/kafkajs',
  ]);
});

interface Wrong {
  readonly what: string;
  readonly tree: Tree;
  readonly environment?: Record<string, string>;
  readonly issues: readonly string[];
  /** A part of the text, or of the fix, of the last issue. */
  readonly names?: string;
}

const untraced = (name: string, version: string, code = `require('${name}')`): Tree =>
  using(code, { [`node_modules/${CONFLUENT}/package.json`]: undefined, ...installed(name, version) });
const off = (name: string, value: string) => ({ environment: { [name]: value } });
const DISABLED = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';
const withBoth: Tree = using(PROMISE_API, {
  ...installed('kafkajs', '2.2.4'),
  'app.js': "require('kafkajs'); require('./producer');",
});
const BUNDLE = SIGNATURES.confluent.map(text => `throw new E(\`${text}\`);`).join('');

const wrong: readonly Wrong[] = [
  {
    what: 'a Confluent client that is not installed',
    tree: using(PROMISE_API, { [`node_modules/${CONFLUENT}/package.json`]: undefined }),
    issues: ['problem clients.missing'],
    names: `npm install ${CONFLUENT}`,
  },
  {
    what: 'a version before the first stable one',
    tree: using(PROMISE_API, installed(CONFLUENT, '0.6.1')),
    issues: ['problem clients.version'],
    names: '>=1.0.0 <2',
  },
  {
    what: 'a version after the supported ones, with kafkajs installed and not used',
    tree: using(PROMISE_API, { ...installed(CONFLUENT, '2.0.0'), ...installed('kafkajs', '2.2.4') }),
    issues: ['problem clients.version'],
  },
  {
    what: 'a client that is not installed beside one that is',
    tree: using(PROMISE_API, { 'app.js': "require('kafkajs'); require('./producer');" }),
    issues: ['warning clients.missing'],
    names: 'npm install kafkajs',
  },
  ...[
    ROOT_API,
    `const Kafka = require('${CONFLUENT}'); new Kafka.KafkaConsumer({});`,
    `const { KafkaConsumer: Consumer } = require("${CONFLUENT}");`,
    `import { HighLevelProducer } from '${CONFLUENT}';`,
    `import * as kafka from '${CONFLUENT}'; kafka.AdminClient.create({});`,
    `import kafka from '${CONFLUENT}'; const { Producer } = kafka;`,
    `require('${CONFLUENT}').createReadStream({});`,
    `const c_1 = __importStar(require("${CONFLUENT}")); new c_1.Producer({});`,
    `import kafka = require('${CONFLUENT}'); kafka.RdKafka;`,
  ].map((code): Wrong => ({
    what: `the root API: ${code}`,
    tree: using(code),
    issues: ['problem clients.rootApi'],
    names: 'producer.js uses the node-rdkafka API',
  })),
  {
    what: 'the root API beside the promise API',
    tree: using(PROMISE_API, { 'app.js': "require('./producer'); require('./old');", 'old.js': ROOT_API }),
    issues: ['warning clients.rootApi'],
    names: 'old.js',
  },
  {
    what: 'both APIs in one file',
    tree: using(`const { KafkaJS, Producer } = require('${CONFLUENT}');`),
    issues: ['warning clients.rootApi'],
  },
  {
    what: 'node-rdkafka',
    tree: untraced('node-rdkafka', '3.6.1'),
    issues: ['problem clients.unsupported'],
    names: CONFLUENT,
  },
  {
    what: "Platformatic's client",
    tree: untraced('@platformatic/kafka', '2.12.1', "import { Producer } from '@platformatic/kafka';"),
    issues: ['problem clients.unsupported'],
    names: '@platformatic/kafka-opentelemetry',
  },
  {
    what: 'node-rdkafka with kafkajs installed and not used',
    tree: { ...untraced('node-rdkafka', '3.6.1'), ...installed('kafkajs', '2.2.4') },
    issues: ['problem clients.unsupported'],
  },
  {
    what: 'node-rdkafka with kafkajs used by a package that the program loads',
    tree: {
      ...untraced('node-rdkafka', '3.6.1', "require('queue'); require('node-rdkafka');"),
      ...installed('queue', '1.0.0', { dependencies: { kafkajs: '2' } }),
      ...installed('kafkajs', '2.2.4'),
    },
    issues: ['warning clients.unsupported'],
  },
  {
    what: 'node-rdkafka beside a client that is traced',
    tree: using(PROMISE_API, { 'app.js': "require('node-rdkafka'); require('./producer');" }),
    issues: ['warning clients.unsupported'],
  },
  {
    what: 'a client in package.json that no file names',
    tree: {
      ...untraced('node-rdkafka', '3.6.1', ''),
      'package.json': manifest('node --require @org/kafka-otel/register app.js', {
        dependencies: { 'node-rdkafka': '3' },
      }),
    },
    issues: ['problem clients.unused'],
    names: 'node-rdkafka is installed',
  },
  {
    what: "Confluent's client inside of a bundle",
    tree: using('', { 'app.js': BUNDLE }),
    issues: ['problem clients.inlined'],
    names: `--external:${CONFLUENT}`,
  },
  {
    what: "a tracing file that is loaded after Confluent's clients are created",
    tree: {
      ...OWN_SDK,
      ...INSTALLED,
      'producer.js': PROMISE_API,
      'package.json': manifest('node app.js'),
      'app.js': "require('./producer'); require('./tracing');",
    },
    issues: ['problem loading.late'],
    names: `producer.js loads ${CONFLUENT} before`,
  },
  {
    what: 'the switch of its only client',
    tree: using(PROMISE_API),
    ...off(DISABLED, 'confluent-kafka-javascript'),
    issues: ['problem environment.off'],
  },
  {
    what: 'the switch of one client of two',
    tree: withBoth,
    ...off(DISABLED, 'confluent-kafka-javascript'),
    issues: ['warning environment.off'],
    names: `${CONFLUENT} is not traced`,
  },
  {
    what: 'the switches of both clients',
    tree: withBoth,
    ...off(DISABLED, 'confluent-kafka-javascript,kafkajs'),
    issues: ['problem environment.off', 'problem environment.off'],
  },
  {
    what: 'a list of instrumentations without its client',
    tree: using(PROMISE_API),
    ...off('OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'kafkajs'),
    issues: ['problem environment.off'],
    names: 'Add confluent-kafka-javascript',
  },
  {
    what: 'a list of clients without its own',
    tree: using(PROMISE_API),
    ...off('OTEL_INSTRUMENTATION_KAFKA_CLIENTS', 'kafkajs'),
    issues: ['problem environment.off'],
    names: 'Add confluent to OTEL_INSTRUMENTATION_KAFKA_CLIENTS',
  },
];

test.each(wrong)(
  '$what is found, and nothing else',
  async ({ tree, environment = {}, issues, names = '' }) => {
    const { findings, flows, summary } = await diagnoseTree(tree, { environment });
    expect(issuesOf({ findings })).toEqual(issues);
    expect(flows).toBe(!issues.some(each => each.startsWith('problem')));
    expect(summary).toMatch(
      flows ? /^Spans would flow: / : /^No spans of Kafka clients would leave app\.js: /,
    );
    const last = findings.filter(({ level }) => level !== 'ok').at(-1);
    expect(`${last?.what ?? ''}. ${last?.why ?? ''}. ${last?.do ?? ''}`).toContain(names);
  },
);

test('the switch of a client that the program does not use is no issue', async () => {
  const diagnosis = await diagnoseTree(using(PROMISE_API), off(DISABLED, 'kafkajs'));
  expect(issuesOf(diagnosis)).toEqual([]);
});

test("a bundle that passes Confluent's client to instrumentModule has no issues", async () => {
  const tree = { ...OWN_SDK, 'app.js': `${BUNDLE} instrumentation.instrumentModule(r());` };
  const { findings, summary } = await diagnoseTree(tree);
  expect(issuesOf({ findings })).toEqual([]);
  expect(summary).toContain(`through ${CONFLUENT} is traced`);
});

test('the supported versions on the page are those that are patched', () => {
  const page = readFileSync(join(__dirname, '../../../docs/troubleshooting.md'), 'utf8');
  expect(page).toContain(`Confluent's client outside of \`${confluent.supportedVersions.join(' || ')}\``);
});

const labs = Object.values(CONFLUENT_VERSIONS)
  .map(version => join(labFolder(version, process.versions.modules, process.env), 'node_modules', CONFLUENT))
  .filter(folder => existsSync(folder));

// Confluent's client is no dependency. Its versions are installed if the e2e tests have run on this machine.
(labs.length > 0 ? test.each(labs) : test.skip.each(['no version is installed']))(
  'the client contains the texts by which a bundle is recognised: %s',
  folder => {
    const files = readdirSync(join(folder, 'lib/kafkajs')).filter(file => file.endsWith('.js'));
    const code = files.map(file => readFileSync(join(folder, 'lib/kafkajs', file), 'utf8')).join('\n');
    expect(SIGNATURES.confluent.filter(text => !code.includes(text))).toEqual([]);
  },
);
