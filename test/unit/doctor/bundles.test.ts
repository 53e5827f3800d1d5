import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SIGNATURES } from '../../../src/doctor/checks/clients';
import { handOverCode } from '../../../src/support/handed-over';
import { OWN_SDK, PACKAGES, ZERO_CODE, diagnoseTree, issuesOf, manifest } from './layout';

const BUNDLE = `
throw new E("Failed to connect to seed broker, trying another");throw new E(\`Failed to find group coordinator\`);
x(\`Invalid message without value for topic "\${t}"\`);
`;

test('kafkajs in a bundle is a problem', async () => {
  expect(issuesOf(await diagnoseTree({ ...ZERO_CODE, 'app.js': BUNDLE }))).toEqual([
    'problem clients.inlined',
  ]);
});

test('a bundle that passes kafkajs to instrumentModule has no issues', async () => {
  const tree = { ...OWN_SDK, 'app.js': `${BUNDLE} instrumentation.instrumentModule(r());` };
  expect(issuesOf(await diagnoseTree(tree))).toEqual([]);
});

test('a bundle that @org/kafka-otel/bundler has built has no issues', async () => {
  const tree = { ...ZERO_CODE, 'app.js': `${BUNDLE}${handOverCode('kafkajs')}` };
  expect(issuesOf(await diagnoseTree(tree))).toEqual([]);
});

test('a bundle that hands only another client over is a problem', async () => {
  const tree = { ...ZERO_CODE, 'app.js': `${BUNDLE}${handOverCode('@confluentinc/kafka-javascript')}` };
  expect(issuesOf(await diagnoseTree(tree))).toEqual(['problem clients.inlined']);
});

describe('a bundle with this package in it', () => {
  const OURS = 'w("instrumentModule got a module that is not a supported client library");';
  const SDK = 'n("OTEL_BSP_MAX_EXPORT_BATCH_SIZE",512);';
  const started = { ...PACKAGES, 'package.json': manifest('node app.js') };

  test('has no issues with an SDK in it, even outside of any package', async () => {
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

  test('may contain register', async () => {
    const app = `require("kafkajs");${OURS}e("kafka-otel: not started, the program runs without telemetry");`;
    expect(issuesOf(await diagnoseTree({ ...started, 'app.js': app }))).toEqual([]);
  });
});

test('kafkajs contains the texts by which a bundle is recognised', () => {
  const folder = join(dirname(require.resolve('kafkajs/package.json')), 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.js'),
  );
  const code = files.map(file => readFileSync(join(folder, file), 'utf8')).join('\n');
  expect(SIGNATURES.kafkajs.filter(text => !code.includes(text))).toEqual([]);
});
