import { OWN_SDK, ZERO_CODE, diagnoseTree, installed, issuesOf, manifest, type Tree } from './layout';

const CLIENT = ZERO_CODE['producer.js'];
const TRACING = OWN_SDK['tracing.js'];
const R = '@org/kafka-otel/register';

/** Creates a service that is started by this script. */
const by = (start: string, files: Tree = {}): Tree => ({
  ...OWN_SDK,
  'package.json': manifest(start),
  ...files,
});
const typescript: Tree = { 'app.js': undefined, 'app.ts': "import './producer';", 'tracing.ts': TRACING };
const nextFiles: Tree = {
  'app.js': undefined,
  'producer.js': undefined,
  'tracing.js': undefined,
  ...installed('@vercel/otel', '2.1.0', { peerDependencies: { '@opentelemetry/api': '1' } }),
  'instrumentation.ts': `
import { registerOTel } from '@vercel/otel';
import { KafkaInstrumentation } from '@org/kafka-otel';
export function register() { registerOTel({ instrumentations: [new KafkaInstrumentation()] }); }
`,
  'app/api/orders/route.ts':
    "import { Kafka } from 'kafkajs';\nexport const producer = new Kafka({ brokers: [] }).producer();",
  'next.config.js': "module.exports = { serverExternalPackages: ['kafkajs', '@org/kafka-otel'] };",
};

test.each<[string, Tree]>([
  [
    `node . and "main"`,
    by('node -r ./tracing.js .', { 'package.json': manifest('node -r ./tracing.js .', { main: 'app.js' }) }),
  ],
  ['node and a folder', by('node -r ./tracing.js dist', { 'dist/index.js': "require('../producer');" })],
  ['next start', by('next start', nextFiles)],
  ['nest start', by('nest start', { 'src/main.ts': "import '../tracing';\nimport '../producer';" })],
  [
    'nest start with another folder',
    by('nest start', {
      'nest-cli.json': '{ "sourceRoot": "apps", "entryFile": "shop" }',
      'apps/shop.ts': "import '../tracing';\nimport '../producer';",
    }),
  ],
  ['bun --preload', by('bun --preload ./tracing.ts app.ts', typescript)],
  ['deno run --preload', by(`deno run -A --preload npm:${R}@1 app.ts`, { ...typescript, 'tracing.ts': '' })],
  ['pm2 --node-args', by(`pm2 start app.js --node-args="-r ${R}"`)],
  [
    'an ecosystem file of pm2',
    by('pm2-runtime ecosystem.config.js', {
      'ecosystem.config.js': `module.exports = { apps: [{ name: 'shop', script: './app.js', node_args: '-r ${R}' }] };`,
    }),
  ],
  [
    'an ecosystem file of pm2 with a list and variables',
    by('pm2 start ecosystem.config.cjs', {
      'ecosystem.config.cjs': `module.exports = { apps: [{ interpreter_args: ['-r', '${R}'], script: 'app.js', env: { OTEL_TRACES_EXPORTER: 'console' } }] };`,
    }),
  ],
  ['dotenv', by('dotenv -e .env -- node -r ./tracing.js app.js', { '.env': 'A=1' })],
  ['npx --yes tsx', by('npx --yes tsx --require ./tracing.ts app.ts', typescript)],
  ['tsx --require', by(`tsx --require ${R} app.ts`, typescript)],
  [
    'node --import tsx',
    by(`node --import tsx -r ${R} app.ts`, { ...typescript, ...installed('tsx', '4.20.0') }),
  ],
  ['node --env-file', by(`node --env-file .env -r ${R} app.js`, { '.env': 'OTEL_TRACES_EXPORTER=console' })],
  ['node --watch -r', by(`node --watch -r ${R} app.js`)],
  ['node --max-old-space-size 4096', by(`node --max-old-space-size 4096 -r ${R} app.js`)],
  ['nodemon --exec', by('nodemon --exec tsx -r ./tracing.ts app.ts', typescript)],
  ['dumb-init', by(`dumb-init node -r ${R} app.js`)],
  ['tini --', by(`tini -- node -r ${R} app.js`)],
  ['env -i', by(`env -i PATH=/bin node -r ${R} app.js`)],
  ['pnpm exec', by(`pnpm exec node -r ${R} app.js`)],
  ['cross-env', by(`cross-env NODE_OPTIONS="-r ${R}" node app.js`)],
  [
    'a script that runs another one',
    by('npm run serve', {
      'package.json': { ...manifest(''), scripts: { start: 'npm run serve', serve: `node -r ${R} app.js` } },
    }),
  ],
  [
    'a variable with a default',
    by('OTEL_EXPORTER_OTLP_ENDPOINT=${COLLECTOR:-http://collector:4318} node -r ./tracing.js app.js'),
  ],
])('the start with %s has no issues', async (_, tree) => {
  const diagnosis = await diagnoseTree(tree);
  expect(issuesOf(diagnosis)).toEqual([]);
  expect(diagnosis.verdict).toBe('will flow');
});

/** Programs whose spans flow, and that are written in an unusual way. */
test.each<[string, Tree]>([
  ['node-options in .npmrc', by('node app.js', { '.npmrc': `node-options=--require ${R}\n` })],
  [
    'NODE_OPTIONS in the file of --env-file',
    by('node --env-file=.env app.js', { '.env': `NODE_OPTIONS="--require ${R}"\n` }),
  ],
  [
    'a client behind another name of require',
    by(`node -r ${R} app.mjs`, {
      'app.mjs':
        "const load = createRequire(import.meta.url);\nconst __require = load;\n__require('kafkajs');",
    }),
  ],
  [
    'a console exporter in the code, whatever OTEL_TRACES_EXPORTER says',
    by('OTEL_TRACES_EXPORTER=none node -r ./tracing.js app.js', {
      'tracing.js': String(TRACING).replace(
        'NodeSDK({',
        'NodeSDK({ traceExporter: new ConsoleSpanExporter(),',
      ),
    }),
  ],
  [
    'a file that is named by imports of package.json',
    by('node app.js', {
      'package.json': manifest('node -r ./tracing.js app.js', { imports: { '#lib/*': './lib/*.js' } }),
      'app.js': "require('#lib/producer');",
      'lib/producer.js': CLIENT,
    }),
  ],
  [
    'a tracing file that is named by paths of tsconfig.json',
    by('tsx src/app.ts', {
      'tsconfig.json': '{\n  // aliases\n  "compilerOptions": { "paths": { "@/*": ["./src/*"], } }\n}',
      'src/app.ts': "import '@/tracing';\nimport '@/producer';",
      'src/tracing.ts': TRACING,
      'src/producer.ts': CLIENT,
    }),
  ],
  [
    'a package of the workspace with exports',
    by('node app.js', {
      'node_modules/@shop/tracing': { linkTo: 'packages/tracing' },
      'packages/tracing/package.json': {
        name: '@shop/tracing',
        exports: { '.': { types: './index.d.ts', import: './lib/index.mjs', require: './lib/index.js' } },
      },
      'packages/tracing/lib/index.js': TRACING,
      'app.js': "require('@shop/tracing'); require('./producer');",
    }),
  ],
  [
    'a script of a workspace that the root starts',
    by('npm start -w app', {
      'app/package.json': {
        name: 'app',
        scripts: { start: `node -r ${R} index.js` },
        dependencies: { kafkajs: '2' },
      },
      'app/index.js': CLIENT,
    }),
  ],
  [
    'a function that creates the instrumentation, and that is called',
    by('node app.js', {
      'tracing.js': `exports.init = () => {${String(TRACING)}};`,
      'app.js': "require('./tracing').init();\nrequire('./producer');",
    }),
  ],
  [
    'a preloaded file that starts ts-node',
    by('node -r ./ts.js -r ./tracing.ts app.ts', {
      ...typescript,
      ...installed('ts-node', '10.9.2'),
      'ts.js': "require('ts-node').register();",
    }),
  ],
  [
    'pm2 and a script',
    by('pm2-runtime ecosystem.config.js', {
      'package.json': {
        ...manifest(''),
        scripts: { start: 'pm2-runtime ecosystem.config.js', serve: `node -r ${R} app.js` },
      },
      'ecosystem.config.js': "module.exports = { apps: [{ script: 'npm', args: 'run serve' }] };",
    }),
  ],
  [
    'Next.js and a client that only the folder pages loads, through another file',
    by('next start', {
      ...nextFiles,
      'next.config.js': 'module.exports = {};',
      'app/api/orders/route.ts': '',
      'lib/kafka.ts': CLIENT,
      'pages/api/orders.ts': "import '../../lib/kafka';",
    }),
  ],
  [
    'Next.js, a list of packages in a variable, and an alias',
    by('next start', {
      ...nextFiles,
      'next.config.js':
        "const list = ['kafkajs'];\nmodule.exports = async () => ({ serverExternalPackages: list });",
      'tsconfig.json': { compilerOptions: { paths: { '@/*': ['./*'] } } },
      'app/api/orders/route.ts': "import '@/lib/kafka';",
      'lib/kafka.ts': CLIENT,
    }),
  ],
  [
    'Next.js 14 and its name of the setting',
    by('next start', {
      ...nextFiles,
      ...installed('next', '14.2.0'),
      'next.config.js':
        "module.exports = { experimental: { serverComponentsExternalPackages: ['kafkajs'] } };",
    }),
  ],
])('no issue is found in %s', async (_, tree) => {
  expect(issuesOf(await diagnoseTree(tree))).toEqual([]);
});

test.each([
  ['npm start', ['npm', 'start']],
  ['node --run start', ['node', '--run', 'start']],
  ['a shell', ['sh', '-c', `exec node -r ${R} app.js`]],
])('the command %s is followed', async (_, command) => {
  expect(issuesOf(await diagnoseTree(by(`node -r ${R} app.js`), { command }))).toEqual([]);
});

/** The issues of programs whose files do not show whether spans flow. */
test.each<[string, Tree, string[]]>([
  [
    'a tracing file whose name is computed',
    by('node app.js', { 'app.js': "require(path.join(__dirname, 'tracing'));\nrequire('./producer');" }),
    ['unsure loading.unused'],
  ],
  [
    'a tracing file under a condition',
    by('node app.js', { 'app.js': "if (process.env.TRACING) require('./tracing');\nrequire('./producer');" }),
    ['unsure loading.conditional'],
  ],
  [
    'register under a condition',
    by('node app.js', { 'app.js': `if (process.env.TRACING) require('${R}');\nrequire('./producer');` }),
    ['unsure loading.conditional'],
  ],
  [
    'a function that creates the instrumentation, and that is not called',
    by('node -r ./tracing.js app.js', { 'tracing.js': `exports.init = () => {${String(TRACING)}};` }),
    ['unsure loading.conditional'],
  ],
  [
    'a client that a method creates after tracing has started, or before',
    by('node app.js', {
      'producer.js':
        "const { Kafka } = require('kafkajs');\nclass Orders { start() { new Kafka({}).producer(); } }",
      'app.js': "require('./producer');\nrequire('./tracing');",
    }),
    ['unsure loading.late'],
  ],
  [
    'a client in a worker thread',
    by(`node -r ${R} app.js`, { 'app.js': "new Worker(path.join(__dirname, 'worker.js'));" }),
    ['unsure clients.unused'],
  ],
  [
    'a Dockerfile that preloads',
    by('node app.js', {
      'tracing.js': undefined,
      Dockerfile: `FROM node:24\nCMD ["node", "--require", "${R}", "app.js"]\n`,
    }),
    ['unsure loading.none'],
  ],
  [
    'an SDK that is not started, beside a server that is',
    by('node -r ./tracing.js app.js', {
      'tracing.js': String(TRACING).replace('new NodeSDK', 'const sdk = new NodeSDK').replace('.start()', ''),
      'app.js': "require('./producer');\nserver.start();",
    }),
    ['unsure sdk.notStarted'],
  ],
  [
    'Next.js with a computed list of packages',
    by('next start', {
      ...nextFiles,
      'next.config.js': 'module.exports = { serverExternalPackages: [...readList()] };',
    }),
    ['unsure clients.inlined'],
  ],
])('it is unsure about %s', async (_, tree, issues) => {
  const { findings, verdict } = await diagnoseTree(tree);
  expect(issuesOf({ findings })).toEqual(issues);
  expect(verdict).toBe('unsure');
});

/** The issue of programs that look right. */
test.each<[string, Tree, string[]]>([
  [
    'a variable that dotenv reads before register',
    by(`node -r dotenv/config -r ${R} app.js`, {
      ...installed('dotenv', '17.0.0'),
      '.env': 'OTEL_TRACES_SAMPLER=always_off\n',
    }),
    ['problem environment.off'],
  ],
  [
    'NODE_OPTIONS that dotenv reads when Node.js has started',
    by('node app.js', {
      ...installed('dotenv', '17.0.0'),
      'tracing.js': undefined,
      '.env': `NODE_OPTIONS="--require ${R}"\n`,
      'app.js': "require('dotenv').config();\nrequire('./producer');",
    }),
    ['problem loading.none'],
  ],
  [
    'a variable that Next.js reads',
    by('next start', { ...nextFiles, '.env.production': 'OTEL_SDK_DISABLED=true\n' }),
    ['problem environment.off'],
  ],
  [
    'Next.js 14 and the later name of the setting',
    by('next start', { ...nextFiles, ...installed('next', '14.2.0') }),
    ['problem clients.inlined'],
  ],
  [
    'Next.js that transpiles the client in the folder pages',
    by('next start', {
      ...nextFiles,
      'next.config.js': "module.exports = { transpilePackages: ['kafkajs'] };",
      'app/api/orders/route.ts': undefined,
      'pages/api/orders.ts': CLIENT,
    }),
    ['problem clients.inlined'],
  ],
])('a problem is found in %s', async (_, tree, issues) => {
  expect(issuesOf(await diagnoseTree(tree))).toEqual(issues);
});

test('env -i hides the variables of the shell', async () => {
  const environment = { NODE_OPTIONS: `-r ${R}`, OTEL_TRACES_EXPORTER: 'none' };
  const diagnosis = await diagnoseTree(by('env -i PATH=/bin node app.js', { 'tracing.js': undefined }), {
    environment,
  });
  expect(issuesOf(diagnosis)).toEqual(['problem loading.none']);
});

test.each([
  [{ options: { preloads: [R], loaders: [], envFiles: [] }, entry: 'app.js' }, "the doctor's own options"],
  [{ command: ['node', '-r', R, 'app.js'] }, 'the command after --'],
])('a preload is attributed to its place: %j', async (changes, place) => {
  const { findings } = await diagnoseTree(by('node app.js', { 'tracing.js': undefined }), changes);
  expect(findings.find(({ code }) => code === 'loading.register')?.what).toBe(
    `@org/kafka-otel 0.1.0 is loaded through register (${place})`,
  );
});

test('a TypeScript file whose start is not known may not be the program', async () => {
  const tree = by('node dist/app.js', {
    ...typescript,
    'app.ts': "import './tracing';\nimport './producer';",
  });
  const { findings, verdict } = await diagnoseTree(tree, { entry: 'app.ts' });
  expect(issuesOf({ findings })).toEqual(['unsure entry.typescript']);
  expect(verdict).toBe('unsure');
});

test.each([
  [
    'a file that loads itself too late is told to move that part',
    { 'app.js': `require('./producer');\n${String(TRACING).trim()}\n` },
    'Move the instrumentation (line 3 of app.js) to a file of its own, tracing.js, and start with `node --require ./tracing.js app.js`.',
  ],
  [
    'a file that is loaded too late is preloaded',
    { 'app.js': "require('./producer');\nrequire('./tracing');\n" },
    'Start with `node --require ./tracing.js app.js`, or load it in the first line of app.js.',
  ],
])('%s', async (_, files, advice) => {
  const { findings } = await diagnoseTree(by('node app.js', files));
  const late = findings.find(({ code }) => code === 'loading.late');
  expect(late?.do).toContain(advice);
  expect(late).toMatchObject({ file: 'producer.js', line: 2 });
});

test('one file may load kafkajs, then the instrumentation, and then create clients', async () => {
  const one = `const { Kafka } = require('kafkajs');${String(TRACING)}new Kafka({ brokers: [] }).producer();`;
  expect(issuesOf(await diagnoseTree(by('node app.js', { 'app.js': one })))).toEqual([]);
  const late = `const p = new (require('kafkajs').Kafka)({ brokers: [] }).producer();${String(TRACING)}`;
  expect(issuesOf(await diagnoseTree(by('node app.js', { 'app.js': late })))).toEqual([
    'problem loading.late',
  ]);
});

describe('false green is not given to', () => {
  const kafkajsOnly: Tree = { ...ZERO_CODE };
  test.each<[string, Tree, string[], string]>([
    [
      'a program without a client',
      { ...kafkajsOnly, 'app.js': '' },
      ['problem clients.unused'],
      'kafkajs is installed',
    ],
    [
      'a program whose files are chosen while it runs',
      { ...kafkajsOnly, 'app.js': 'require(process.argv[2]);' },
      ['unsure clients.unused'],
      'kafkajs is installed',
    ],
    [
      'a library that brings node-rdkafka',
      {
        ...kafkajsOnly,
        ...installed('bus', '1.0.0', { dependencies: { 'node-rdkafka': '3' } }),
        ...installed('node-rdkafka', '3.6.1'),
        'app.js': "require('bus');",
      },
      ['problem clients.unsupported'],
      'node-rdkafka',
    ],
    [
      'Next.js with a bundled client',
      by('next start', { ...nextFiles, 'next.config.js': 'module.exports = {};' }),
      ['problem clients.inlined'],
      'app/api/orders/route.ts',
    ],
    [
      'an SDK with an API of another major version',
      {
        ...OWN_SDK,
        ...installed('@opentelemetry/api', '2.10.0', {}, 'node_modules/@opentelemetry/sdk-node/node_modules'),
      },
      ['problem api.versions'],
      '2.10.0',
    ],
    [
      'an SDK with another patch of the API, which is used first elsewhere',
      {
        ...OWN_SDK,
        ...installed('@opentelemetry/api', '1.9.0', {}, 'node_modules/@opentelemetry/sdk-node/node_modules'),
        'tracing.js': `const { diag } = require('@opentelemetry/api'); diag.setLogger(console);${String(TRACING)}`,
      },
      ['problem api.versions'],
      '1.9.1',
    ],
    [
      'an SDK with another patch of the API',
      {
        ...OWN_SDK,
        ...installed('@opentelemetry/api', '1.9.0', {}, 'node_modules/@opentelemetry/sdk-node/node_modules'),
      },
      ['unsure api.versions'],
      '1.9.1',
    ],
  ])('%s', async (_, tree, issues, names) => {
    const { findings, flows } = await diagnoseTree(tree);
    expect(issuesOf({ findings })).toEqual(issues);
    expect(flows).toBe(false);
    const { what, file = '' } = findings.find(({ level }) => level !== 'ok') ?? { what: '' };
    expect(`${what} ${file}`).toContain(names);
  });

  test('but it is given to the folder pages of Next.js, where packages stay outside', async () => {
    const tree = by('next start', {
      ...nextFiles,
      'next.config.js': 'module.exports = {};',
      'app/api/orders/route.ts': undefined,
      'pages/api/orders.ts': CLIENT,
    });
    expect(issuesOf(await diagnoseTree(tree))).toEqual([]);
  });
});

test('an ecosystem file of pm2 in the command after -- is read', async () => {
  const tree = by('', {
    'ecosystem.config.js': `module.exports = { apps: [{ script: './app.js', node_args: '-r ${R}' }] };`,
  });
  const command = ['npx', 'pm2', 'start', '--no-daemon', 'ecosystem.config.js'];
  const diagnosis = await diagnoseTree(tree, { command });
  expect(issuesOf(diagnosis)).toEqual([]);
  expect(diagnosis.summary).toContain('what app.js sends');
});

test("the file by which Yarn's Plug'n'Play preloads itself is no part of the program", async () => {
  const tree = by('node app.js', {
    'package.json': manifest('node app.js', { dependencies: { kafkajs: '2' } }),
    'tracing.js': undefined,
    'pnp/.pnp.cjs': "require(name); require('http');",
  });
  const environment = { NODE_OPTIONS: '--require ./pnp/.pnp.cjs' };
  expect(issuesOf(await diagnoseTree(tree, { environment }))).toContain('problem loading.none');
});
