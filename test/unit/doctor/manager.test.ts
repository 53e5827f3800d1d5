import { ZERO_CODE, diagnoseTree, installed, manifest, type Tree } from './layout';

const lock = (name: string, text = ''): Tree => ({ [name]: text });
const field = (packageManager: string): Tree => ({
  'package.json': manifest('node --require @org/kafka-otel/register app.js', { packageManager }),
});

test.each<[string, Tree, add: string, dedupe: string]>([
  ['nothing', {}, 'npm install', 'npm dedupe'],
  ['package-lock.json', lock('package-lock.json'), 'npm install', 'npm dedupe'],
  ['pnpm-lock.yaml', lock('pnpm-lock.yaml'), 'pnpm add', 'pnpm dedupe'],
  ['yarn.lock', lock('yarn.lock', '__metadata:\n  version: 8\n'), 'yarn add', 'yarn dedupe'],
  [
    'yarn.lock of Yarn 1',
    lock('yarn.lock', '# yarn lockfile v1\n'),
    'yarn add',
    'npx yarn-deduplicate && yarn install',
  ],
  ['bun.lock', lock('bun.lock'), 'bun add', 'bun update'],
  ['packageManager: pnpm', field('pnpm@10.1.0'), 'pnpm add', 'pnpm dedupe'],
  ['packageManager: yarn 4', field('yarn@4.9.0'), 'yarn add', 'yarn dedupe'],
  ['packageManager: yarn 1', field('yarn@1.22.22'), 'yarn add', 'npx yarn-deduplicate && yarn install'],
  [
    'a lock file of another manager',
    { ...field('pnpm@10.1.0'), ...lock('package-lock.json') },
    'pnpm add',
    'pnpm dedupe',
  ],
])(
  'advice is in the commands of the package manager that the project uses: %s',
  async (_, tree, add, dedupe) => {
    const missing = await diagnoseTree({
      ...ZERO_CODE,
      ...tree,
      'node_modules/@opentelemetry/sdk-node/package.json': undefined,
    });
    expect(missing.findings.find(({ code }) => code === 'sdk.missing')).toMatchObject({
      command: `${add} @opentelemetry/sdk-node`,
      do: `Run \`${add} @opentelemetry/sdk-node\`.`,
    });
    const copies = await diagnoseTree({
      ...ZERO_CODE,
      ...tree,
      ...installed('@opentelemetry/api', '1.9.0', {}, 'node_modules/@org/kafka-otel/node_modules'),
    });
    expect(copies.findings.find(({ code }) => code === 'api.versions')?.command).toBe(dedupe);
  },
);
