import { OWN_SDK, PACKAGES, ZERO_CODE, diagnoseTree, installed, issuesOf, manifest } from './layout';

test.each([
  ['a service that is preloaded', ZERO_CODE],
  ['a service with an SDK of its own', OWN_SDK],
])('%s has no issues', async (_, tree) => {
  const diagnosis = await diagnoseTree(tree);
  expect(issuesOf(diagnosis)).toEqual([]);
  expect(diagnosis.flows).toBe(true);
  expect(diagnosis.summary).toBe(
    'Spans would flow: what app.js sends, handles and commits through kafkajs 2.2.4 is traced.',
  );
});

test('an own SDK that is preloaded before register is used by it', async () => {
  const tree = {
    ...ZERO_CODE,
    'sdk.js': "const { NodeSDK } = require('@opentelemetry/sdk-node'); new NodeSDK().start();",
    'package.json': manifest('node -r ./sdk.js -r @org/kafka-otel/register app.js'),
  };
  expect(issuesOf(await diagnoseTree(tree))).toEqual([]);
});

test('whether register works in attach mode with an older patch of the API depends on who registers first', async () => {
  const tree = {
    ...OWN_SDK,
    ...installed('@opentelemetry/api', '1.9.0', {}, 'node_modules/@org/kafka-otel/node_modules'),
    'package.json': manifest('node --require @org/kafka-otel/register app.js'),
    'app.js': "require('./sdk'); require('./producer');",
    'sdk.js': "const { NodeSDK } = require('@opentelemetry/sdk-node'); new NodeSDK().start();",
  };
  const environment = { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' };
  const { findings, verdict } = await diagnoseTree(tree, { environment });
  expect(issuesOf({ findings })).toEqual(['unsure api.versions']);
  expect(verdict).toBe('unsure');
});

test.each([
  ['is not reported if only the package for logs has it, which loads no API', '@opentelemetry/api-logs', []],
  ['is reported if another package has it', '@opentelemetry/resources', ['warning api.copies']],
])('a newer copy of the API below the SDK %s', async (_, name, issues) => {
  const tree = {
    ...OWN_SDK,
    ...installed('@opentelemetry/sdk-node', '0.223.0', {
      dependencies: { [name]: '1' },
      peerDependencies: { '@opentelemetry/api': '1' },
    }),
    ...installed(name, '1.0.0', { dependencies: { '@opentelemetry/api': '^1.3.0' } }),
    ...installed('@opentelemetry/api', '1.10.0', {}, `node_modules/${name}/node_modules`),
  };
  expect(issuesOf(await diagnoseTree(tree))).toEqual(issues);
});

test('preloads in NODE_OPTIONS count', async () => {
  const tree = { ...ZERO_CODE, 'package.json': manifest('node app.js') };
  const environment = { NODE_OPTIONS: '--require @org/kafka-otel/register' };
  const diagnosis = await diagnoseTree(tree, { environment });
  expect(issuesOf(diagnosis)).toEqual([]);
  expect(diagnosis.findings.map(({ what }) => what)).toContain(
    '@org/kafka-otel 0.1.0 is loaded through register (NODE_OPTIONS)',
  );
});

test('variables of the start script and of its env file count', async () => {
  const tree = {
    ...ZERO_CODE,
    '.env': 'OTEL_SDK_DISABLED="true" # for now\nOTEL_TRACES_SAMPLER=always_on\n',
    'package.json': manifest(
      'OTEL_PROPAGATORS=none node --env-file=.env --require @org/kafka-otel/register app.js',
    ),
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
      .map(({ what }) => what)
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
  expect(diagnosis.findings.find(({ code }) => code === 'loading.own')?.what).toContain(
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
