import { build, type BuildOptions } from 'esbuild';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installPackages } from '../../support/installed';
import { projectRoot, startProgram } from '../../support/program';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const REGISTER = '@org/kafka-otel/register';
/** kafkajs creates a span for a `send` without a connection, although the `send` fails immediately. */
const PRODUCER = `
const { Kafka } = require('kafkajs');
const producer = new Kafka({ brokers: ['127.0.0.1:9092'], logLevel: 0 }).producer();
setImmediate(() => producer.send({ topic: 'orders', messages: [{ value: 'one' }] }).catch(() => undefined));
`;
const TRACING = `
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { KafkaInstrumentation } = require('@org/kafka-otel');
const sdk = new NodeSDK({ instrumentations: [new KafkaInstrumentation()] });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
`;
const both = `require('./tracing');${PRODUCER}`;
const manifest = (name: string, start: string, more: object = {}) =>
  JSON.stringify({ name, scripts: { start }, dependencies: { kafkajs: '2' }, ...more });

interface Layout {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  /** Symbolic links, as package managers create them. The keys are the links, the values are their targets. */
  readonly links?: Readonly<Record<string, string>>;
  readonly bundle?: BuildOptions;
  /** Folder of the program inside the project. */
  readonly folder?: string;
  /** Folder in which the doctor is started. Default: the folder of the program. */
  readonly doctorIn?: string;
  /** The words after `node`. */
  readonly command: readonly string[];
  readonly issues: readonly string[];
  /** Exit code of the program; default: 0. */
  readonly code?: number;
}

const workspace: Layout = {
  what: 'a monorepo whose packages share a tracing package',
  files: {
    'package.json': JSON.stringify({ name: 'root', workspaces: ['apps/*', 'packages/*'] }),
    'apps/shop/package.json': manifest('shop', 'node app.js', {
      dependencies: { kafkajs: '2', '@shop/tracing': '*' },
    }),
    'apps/shop/app.js': `require('@shop/tracing');${PRODUCER}`,
    'packages/tracing/package.json': JSON.stringify({
      name: '@shop/tracing',
      exports: { '.': { import: './lib/index.mjs', require: './lib/index.js' } },
    }),
    'packages/tracing/lib/index.js': TRACING,
  },
  links: { 'node_modules/@shop/tracing': 'packages/tracing', 'node_modules/shop': 'apps/shop' },
  folder: 'apps/shop',
  command: ['app.js'],
  issues: [],
};
const bundled: Layout = {
  what: 'a bundle without packages in it',
  files: { 'package.json': manifest('shop', 'node out.js'), 'app.js': both, 'tracing.js': TRACING },
  bundle: { packages: 'external' },
  command: ['out.js'],
  issues: [],
};

const layouts: readonly Layout[] = [
  workspace,
  {
    ...workspace,
    what: 'a monorepo whose root starts a package',
    files: {
      ...workspace.files,
      'package.json': manifest('root', 'npm start -w shop', { workspaces: ['apps/*'] }),
    },
    doctorIn: '.',
  },
  {
    ...workspace,
    what: 'a package of a monorepo that starts another one',
    files: {
      ...workspace.files,
      'packages/start/package.json': manifest('start', 'npm -w shop start'),
    },
    doctorIn: 'packages/start',
  },
  {
    ...workspace,
    what: 'a monorepo whose tracing package is not built',
    files: {
      ...workspace.files,
      'packages/tracing/lib/index.js': '',
      'packages/tracing/package.json': JSON.stringify({ name: '@shop/tracing', main: 'dist/index.js' }),
    },
    issues: ['unsure entry.notInstalled', 'unsure loading.none'],
    code: 1,
  },
  {
    what: 'a program with a package that is not installed',
    files: {
      'package.json': manifest('shop', `node -r ${REGISTER} app.js`, {
        dependencies: { kafkajs: '2', nowhere: '1' },
      }),
      'app.js': `${PRODUCER}require('nowhere');`,
    },
    command: ['-r', REGISTER, 'app.js'],
    issues: ['unsure entry.notInstalled'],
    code: 1,
  },
  {
    ...workspace,
    what: 'a package of a monorepo that loads its client first',
    files: { ...workspace.files, 'apps/shop/app.js': `${PRODUCER}require('@shop/tracing');` },
    issues: ['problem loading.late'],
  },
  bundled,
  {
    ...bundled,
    what: 'a bundle with everything in it',
    bundle: { minify: true },
    issues: ['problem clients.inlined'],
  },
  {
    ...bundled,
    what: 'a bundle with everything but the client in it',
    bundle: { external: ['kafkajs'] },
  },
  {
    ...bundled,
    what: 'a bundle as an ES module, which has another name for require',
    files: {
      ...bundled.files,
      'package.json': manifest('shop', `node -r ${REGISTER} out.mjs`),
      'app.js': PRODUCER,
    },
    bundle: {
      external: ['kafkajs'],
      format: 'esm',
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      outExtension: { '.js': '.mjs' },
    },
    command: ['-r', REGISTER, 'out.mjs'],
  },
  {
    what: 'a program that starts tracing under a condition',
    files: {
      'package.json': manifest('shop', 'node app.js'),
      'tracing.js': TRACING,
      'app.js': `if (process.env.TRACING) require('./tracing');${PRODUCER}`,
    },
    command: ['app.js'],
    issues: ['unsure loading.conditional'],
  },
];

function layOut({ files, links = {}, folder = '.' }: Layout): {
  readonly root: string;
  readonly folder: string;
} {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'doctor-')));
  folders.push(root);
  installPackages(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(join(root, target), join(root, path));
  }
  return { root, folder: join(root, folder) };
}

test.concurrent.each(layouts)('the verdict on $what matches a run of it', async layout => {
  const { root, folder } = layOut(layout);
  if (layout.bundle)
    await build({
      entryPoints: { out: join(folder, 'app.js') },
      outdir: folder,
      bundle: true,
      platform: 'node',
      logLevel: 'error',
      ...layout.bundle,
    });
  const env = {
    OTEL_TRACES_EXPORTER: 'console',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  };
  const doctor = startProgram({
    args: [join(projectRoot, 'dist/doctor.js'), 'doctor', '--json'],
    cwd: layout.doctorIn === undefined ? folder : join(root, layout.doctorIn),
    env,
  });
  await doctor.exit;
  const { flows, findings } = JSON.parse(doctor.stdout) as {
    flows: boolean;
    findings: { level: string; code: string }[];
  };
  expect(findings.filter(({ level }) => level !== 'ok').map(({ level, code }) => `${level} ${code}`)).toEqual(
    layout.issues,
  );
  const program = startProgram({ args: layout.command, cwd: folder, env });
  expect({ ...(await program.exit), ms: 0 }).toEqual({ code: layout.code ?? 0, signal: null, ms: 0 });
  expect(program.stdout.includes("name: 'send orders'")).toBe(flows);
});
