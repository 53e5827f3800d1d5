import { CLIENT, PACKAGES, diagnoseTree, issuesOf, type Tree } from './layout';

const R = '@org/kafka-otel/register';
const app = (scripts: object): Tree => ({
  'packages/app/package.json': { name: 'app', scripts, dependencies: { kafkajs: '2' } },
});

/** A monorepo with two packages. Only the script `serve` of `app` preloads `register`. */
const MONOREPO: Tree = {
  ...PACKAGES,
  'package.json': { name: 'root', workspaces: ['packages/*'] },
  ...app({ start: 'node index.js', serve: `node -r ${R} index.js` }),
  'packages/app/index.js': CLIENT,
  'packages/other/package.json': { name: 'other', scripts: { start: 'npm -w app run serve' } },
  'packages/other/src/other.js': '',
};

const COMMANDS = [
  'npm -w app run serve',
  'npm run serve --workspace=app',
  'npm -w packages/app run serve',
  'yarn workspace app serve',
  'yarn workspace app run serve',
  `yarn workspace app node -r ${R} index.js`,
  'pnpm --filter app run serve',
  'pnpm --filter app serve',
  `pnpm --filter app exec node -r ${R} index.js`,
];

describe.each(['.', 'packages/app', 'packages/other', 'packages/other/src'])('in the folder %s', folder => {
  test.each(COMMANDS)('the command %s is followed', async command => {
    const diagnosis = await diagnoseTree(MONOREPO, { folder, command: command.split(' ') });
    expect(issuesOf(diagnosis)).toEqual([]);
  });

  test('the script that a command names is read, not another one', async () => {
    const diagnosis = await diagnoseTree(MONOREPO, {
      folder,
      command: ['yarn', 'workspace', 'app', 'start'],
    });
    expect(issuesOf(diagnosis)).toEqual(['problem loading.none']);
  });
});

test('a folder in a command is found from where the command is run', async () => {
  for (const command of [`npm --prefix ../app run serve`, 'pnpm -C ../app serve', 'yarn --cwd ../app serve'])
    expect(
      issuesOf(await diagnoseTree(MONOREPO, { folder: 'packages/other', command: command.split(' ') })),
    ).toEqual([]);
});

test('the script of a workspace that starts another workspace is followed', async () => {
  const { findings } = await diagnoseTree(MONOREPO, { entry: 'packages/other' });
  expect(issuesOf({ findings })).toEqual([]);
  expect(findings.find(({ code }) => code === 'entry.ok')?.what).toContain('started by the script "serve"');
});

test('a workspace of pnpm is found by its settings file', async () => {
  const tree = {
    ...MONOREPO,
    'package.json': { name: 'root' },
    'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
  };
  const command = ['pnpm', '--filter', 'app', 'serve'];
  expect(issuesOf(await diagnoseTree(tree, { folder: 'packages/other', command }))).toEqual([]);
});

test('a workspace that does not exist is named', async () => {
  const command = ['npm', '-w', 'shop', 'start'];
  await expect(diagnoseTree(MONOREPO, { folder: 'packages/other', command })).rejects.toThrow(
    'workspace not found: shop.',
  );
});

test.each([
  ['itself', { start: 'npm -w app start' }],
  ['another one that runs it', { start: 'npm -w other start', serve: 'npm -w app start' }],
])('a script that runs %s starts no program', async (_, scripts) => {
  await expect(diagnoseTree({ ...MONOREPO, ...app(scripts) }, { folder: 'packages/app' })).rejects.toThrow(
    'these scripts run each other in a circle: ',
  );
});
