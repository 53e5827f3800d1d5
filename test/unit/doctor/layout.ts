import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diagnose, type DiagnoseOptions, type Diagnosis } from '../../../src/doctor/diagnose';
import type { Finding } from '../../../src/doctor/finding';

/**
 * A tree of files. The keys are paths. Values are texts, or other data that is written as JSON. `undefined` means no
 * file, and `{ linkTo }` is a symbolic link to another path of the tree.
 */
export type Tree = Readonly<Record<string, unknown>>;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

export function layOut(tree: Tree): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'doctor-')));
  folders.push(root);
  for (const [path, content] of Object.entries(tree)) {
    if (content === undefined) continue;
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    const link = (content as { linkTo?: string }).linkTo;
    if (link !== undefined) symlinkSync(join(root, link), file);
    else writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

/** The package.json of an installed package, at its path. */
export function installed(name: string, version: string, more: object = {}, folder = 'node_modules'): Tree {
  return { [`${folder}/${name}/package.json`]: { name, version, ...more } };
}

export const manifest = (start: string, more: object = {}) => ({
  name: 'shop',
  scripts: { start },
  dependencies: {
    kafkajs: '^2.2.4',
    '@org/kafka-otel': '^0.1.0',
    '@opentelemetry/api': '^1.9.0',
    '@opentelemetry/sdk-node': '^0.223.0',
    '@opentelemetry/auto-instrumentations-node': '^0.81.0',
  },
  ...more,
});

export const PACKAGES: Tree = {
  ...installed('kafkajs', '2.2.4'),
  ...installed('@org/kafka-otel', '0.1.0', { peerDependencies: { '@opentelemetry/api': '^1.9.0' } }),
  ...installed('@opentelemetry/api', '1.9.1'),
  ...installed('@opentelemetry/sdk-node', '0.223.0', { engines: { node: '^18.19.0 || >=20.6.0' } }),
  ...installed('@opentelemetry/auto-instrumentations-node', '0.81.2', {
    dependencies: { '@opentelemetry/sdk-node': '^0.223.0' },
  }),
};

/** Code that creates a producer of kafkajs. */
export const CLIENT = `
const { Kafka } = require('kafkajs');
module.exports = new Kafka({ brokers: ['localhost:9092'] }).producer();
`;

/** A service without issues. Its start script preloads `register`. */
export const ZERO_CODE: Tree = {
  ...PACKAGES,
  'package.json': manifest('node --require @org/kafka-otel/register app.js'),
  'app.js': "const producer = require('./producer');\nproducer.connect();\n",
  'producer.js': CLIENT,
};

/** A service without issues that has its own tracing file. */
export const OWN_SDK: Tree = {
  ...ZERO_CODE,
  'package.json': manifest('node --require ./tracing.js app.js'),
  'tracing.js': `
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { KafkaJsInstrumentation } = require('@org/kafka-otel');
new NodeSDK({ instrumentations: [new KafkaJsInstrumentation()] }).start();
`,
};

/** `folder`: where the doctor is run, inside the tree. Default: the root. */
type Changes = Partial<DiagnoseOptions>;

export function diagnoseTree(tree: Tree, { folder = '.', ...changes }: Changes = {}): Promise<Diagnosis> {
  return diagnose({
    folder: join(layOut(tree), folder),
    options: { preloads: [], loaders: [], envFiles: [] },
    environment: {},
    nodeVersion: '20.20.2',
    offline: true,
    ...changes,
  });
}

/** Level and code of every finding, except those with the level `ok`. */
export const issuesOf = ({ findings }: { readonly findings: readonly Finding[] }): string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, code }) => `${level} ${code}`);
