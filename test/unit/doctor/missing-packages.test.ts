import { CLIENT, OWN_SDK, ZERO_CODE, diagnoseTree, installed, issuesOf, manifest, type Tree } from './layout';

const R = '@org/kafka-otel/register';
const listing = (dependencies: object, more: object = {}) =>
  manifest(`node -r ${R} app.js`, { dependencies: { kafkajs: '2', ...dependencies }, ...more });

/** The service, which also loads this package in line 2. */
const loading = (name: string, dependencies: object, files: Tree = {}): Tree => ({
  ...ZERO_CODE,
  'package.json': listing(dependencies),
  'app.js': `require('./producer');\nrequire('${name}');`,
  ...files,
});

const LIBRARY: Tree = {
  'node_modules/@shop/lib': { linkTo: 'packages/lib' },
  'packages/lib/package.json': {
    name: '@shop/lib',
    main: 'dist/index.js',
    scripts: { build: 'tsc' },
  },
  'packages/lib/src/index.ts': CLIENT,
};

interface Missing {
  readonly what: string;
  readonly tree: Tree;
  readonly finding: { readonly what: string; readonly command: string };
}

const missing: readonly Missing[] = [
  {
    what: 'a package that package.json lists',
    tree: loading('express', { express: '5' }),
    finding: { what: 'app.js loads express, which is not installed', command: 'npm install' },
  },
  {
    what: 'a file of a package that package.json lists',
    tree: loading('express/lib/view', { express: '5' }),
    finding: { what: 'app.js loads express/lib/view, which is not installed', command: 'npm install' },
  },
  {
    what: 'a package in a project of pnpm',
    tree: loading('express', { express: '5' }, { 'pnpm-lock.yaml': '' }),
    finding: { what: 'app.js loads express, which is not installed', command: 'pnpm install' },
  },
  {
    what: 'a package that only the package.json of the root lists',
    tree: {
      ...ZERO_CODE,
      'package.json': listing(
        { express: '5' },
        { scripts: { start: 'npm -w shop start' }, workspaces: ['shop'] },
      ),
      'shop/package.json': { name: 'shop', scripts: { start: `node -r ${R} app.js` } },
      'shop/app.js': `${CLIENT}\nrequire('express');`,
    },
    finding: { what: 'app.js loads express, which is not installed', command: 'npm install' },
  },
  {
    what: 'a package of the workspace that is not built',
    tree: loading('@shop/lib', { '@shop/lib': '*' }, LIBRARY),
    finding: {
      what: 'app.js loads @shop/lib, which is not built: packages/lib has no dist/index.js',
      command: 'npm run build -w @shop/lib',
    },
  },
  {
    what: 'a package of a pnpm workspace that is not built',
    tree: loading('@shop/lib', { '@shop/lib': '*' }, { ...LIBRARY, 'pnpm-lock.yaml': '' }),
    finding: {
      what: 'app.js loads @shop/lib, which is not built: packages/lib has no dist/index.js',
      command: 'pnpm --filter @shop/lib run build',
    },
  },
  {
    what: 'a package of a Yarn workspace that is not built',
    tree: loading('@shop/lib', { '@shop/lib': '*' }, { ...LIBRARY, 'yarn.lock': '__metadata:\n' }),
    finding: {
      what: 'app.js loads @shop/lib, which is not built: packages/lib has no dist/index.js',
      command: 'yarn workspace @shop/lib run build',
    },
  },
];

test.each(missing)(
  '$what, but that the program loads, is a doubt with a command',
  async ({ tree, finding }) => {
    const { findings, verdict } = await diagnoseTree(tree);
    expect(issuesOf({ findings })).toEqual(['unsure entry.notInstalled']);
    expect(findings.find(({ level }) => level === 'unsure')).toMatchObject({ ...finding, file: 'app.js' });
    expect(verdict).toBe('unsure');
  },
);

test('a package of the workspace with exports that are not built is a doubt', async () => {
  const tree = loading(
    '@shop/lib',
    {},
    {
      ...LIBRARY,
      'packages/lib/package.json': {
        name: '@shop/lib',
        exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      },
    },
  );
  expect(issuesOf(await diagnoseTree(tree))).toEqual(['unsure entry.notInstalled']);
});

test('a preloaded package that is not installed is a doubt', async () => {
  const start = `node -r dotenv/config -r ${R} app.js`;
  const { findings } = await diagnoseTree({ ...ZERO_CODE, 'package.json': manifest(start) });
  expect(issuesOf({ findings })).toEqual(['unsure entry.notInstalled']);
  expect(findings.find(({ level }) => level === 'unsure')).toMatchObject({
    what: 'script "start" preloads dotenv/config, which is not installed',
    command: 'npm install dotenv',
  });
});

test.each<[string, Tree]>([
  ['a package that no package.json lists, because it may be an alias', loading('server/express', {})],
  [
    'types of a package',
    loading('./types', { express: '5' }, { 'types.ts': "import type { Request } from 'express';" }),
  ],
  [
    'a package of the workspace that has only types',
    loading(
      '@shop/types',
      {},
      {
        'node_modules/@shop/types': { linkTo: 'packages/types' },
        'packages/types/package.json': { name: '@shop/types', types: './index.d.ts' },
        'packages/types/index.d.ts': 'export type Order = string;',
      },
    ),
  ],
  [
    'a package under a condition',
    loading('./more', { 'fast-json': '1' }, { 'more.js': "if (process.env.FAST) require('fast-json');" }),
  ],
  [
    'a package with a handled error',
    loading('./more', { 'fast-json': '1' }, { 'more.js': "try { require('fast-json'); } catch {}" }),
  ],
  ['a package that is installed', loading('express', { express: '5' }, installed('express', '5.0.0'))],
])('no doubt is caused by %s', async (_, tree) => {
  expect(issuesOf(await diagnoseTree(tree))).toEqual([]);
});

test.each(['kafkajs', '@opentelemetry/sdk-node', '@org/kafka-otel'])(
  'the lack of %s is reported once',
  async name => {
    const tree = { ...OWN_SDK, [`node_modules/${name}/package.json`]: undefined };
    const issues = issuesOf(await diagnoseTree(tree));
    expect(issues).toEqual([expect.stringMatching(/^problem (?:clients|sdk|loading)\.missing$/)]);
  },
);
