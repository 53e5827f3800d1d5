import { nodeCommands, nodeOptions, shellWords } from '../../../src/doctor/commands';

const plain = {
  runner: 'node',
  preloads: [],
  loaders: [],
  envFiles: [],
  environment: {},
  clearsEnvironment: false,
};

test.each([
  ['node app.js', [{ ...plain, file: 'app.js' }]],
  [
    'node --require ./a.js -r b --import=c app.js --port 1',
    [{ ...plain, preloads: ['./a.js', 'b', 'c'], file: 'app.js' }],
  ],
  ['node --import a --require b app.js', [{ ...plain, preloads: ['b', 'a'], file: 'app.js' }]],
  [
    'npm run build && PORT=1 node --enable-source-maps dist/app.js',
    [{ ...plain, environment: { PORT: '1' }, file: 'dist/app.js' }],
  ],
  [
    "cross-env NODE_OPTIONS='--require x' node app.js",
    [{ ...plain, environment: { NODE_OPTIONS: '--require x' }, file: 'app.js' }],
  ],
  [
    'tsx watch --env-file=.env src/app.ts',
    [{ ...plain, runner: 'tsx', envFiles: ['.env'], file: 'src/app.ts' }],
  ],
  [
    'node --experimental-loader ./hook.mjs --conditions dev app.js',
    [{ ...plain, loaders: ['./hook.mjs'], file: 'app.js' }],
  ],
  [
    '/usr/bin/node app.js; node other.js',
    [
      { ...plain, file: 'app.js' },
      { ...plain, file: 'other.js' },
    ],
  ],
  ['node .', [{ ...plain, file: '.' }]],
  [
    'node --env-file .env --env-file-if-exists=.local app.js',
    [{ ...plain, envFiles: ['.env', '.local'], file: 'app.js' }],
  ],
  ['node --watch -r ./a.js app.js', [{ ...plain, preloads: ['./a.js'], file: 'app.js' }]],
  ['node --max-old-space-size 4096 app.js', [{ ...plain, file: 'app.js' }]],
  ['node --max-old-space-size=4096 --expose-gc app.js', [{ ...plain, file: 'app.js' }]],
  ['node --inspect app.js 9229', [{ ...plain, file: 'app.js' }]],
  ['node --watch-path src --title shop app.js', [{ ...plain, file: 'app.js' }]],
  ['node -r a -- app.js', [{ ...plain, preloads: ['a'], file: 'app.js' }]],
  ['node -e "1"', []],
  ['node --test', []],
  ['npx --yes tsx app.ts', [{ ...plain, runner: 'tsx', file: 'app.ts' }]],
  ['npx -p tsx tsx app.ts', [{ ...plain, runner: 'tsx', file: 'app.ts' }]],
  [
    'tsx --require ./tracing.ts app.ts',
    [{ ...plain, runner: 'tsx', preloads: ['./tracing.ts'], file: 'app.ts' }],
  ],
  ['tsx --tsconfig ts.json app.ts', [{ ...plain, runner: 'tsx', file: 'app.ts' }]],
  ['ts-node -P ts.json -r a app.ts', [{ ...plain, runner: 'ts-node', preloads: ['a'], file: 'app.ts' }]],
  [
    'bun --preload ./tracing.ts app.ts',
    [{ ...plain, runner: 'bun', preloads: ['./tracing.ts'], file: 'app.ts' }],
  ],
  [
    'bun run --preload=./tracing.ts app.ts',
    [{ ...plain, runner: 'bun', preloads: ['./tracing.ts'], file: 'app.ts' }],
  ],
  [
    'deno run -A --preload npm:@org/kafka-otel/register app.ts',
    [{ ...plain, runner: 'deno', preloads: ['npm:@org/kafka-otel/register'], file: 'app.ts' }],
  ],
  ['next start -p 3000', [{ ...plain, runner: 'next', file: undefined }]],
  ['next build', []],
  ['nest start --watch', [{ ...plain, runner: 'nest', file: undefined }]],
  [
    'nest start --exec "node -r ./tracing.js"',
    [{ ...plain, runner: 'nest', preloads: ['./tracing.js'], file: undefined }],
  ],
  ['nest build', []],
  [
    "pm2 start app.js -i 4 --node-args='-r ./a.js --max-old-space-size 512' --name shop",
    [{ ...plain, runner: 'pm2', preloads: ['./a.js'], file: 'app.js' }],
  ],
  [
    'pm2-runtime start ecosystem.config.js',
    [{ ...plain, runner: 'pm2-runtime', file: 'ecosystem.config.js' }],
  ],
  ['pm2-runtime app.js', [{ ...plain, runner: 'pm2-runtime', file: 'app.js' }]],
  ['dotenv -e .env -- node -r a app.js', [{ ...plain, envFiles: ['.env'], preloads: ['a'], file: 'app.js' }]],
  ['dotenvx run -f .env.prod -- node app.js', [{ ...plain, envFiles: ['.env.prod'], file: 'app.js' }]],
  ['nodemon --watch src --ext ts,json --exec tsx app.ts', [{ ...plain, runner: 'tsx', file: 'app.ts' }]],
  [
    'nodemon --exec "node -r ./a.js app.js"',
    [{ ...plain, runner: 'nodemon', preloads: ['./a.js'], file: 'app.js' }],
  ],
  ['nodemon -r ./a.js app.js', [{ ...plain, runner: 'nodemon', preloads: ['./a.js'], file: 'app.js' }]],
  ['dumb-init node -r a app.js', [{ ...plain, preloads: ['a'], file: 'app.js' }]],
  ['dumb-init --rewrite 15:3 -- node app.js', [{ ...plain, file: 'app.js' }]],
  ['/sbin/tini -s -- node app.js', [{ ...plain, file: 'app.js' }]],
  ['pnpm exec node app.js', [{ ...plain, file: 'app.js' }]],
  ['pnpm tsx app.ts', [{ ...plain, runner: 'tsx', file: 'app.ts' }]],
  ['yarn node -r a app.js', [{ ...plain, preloads: ['a'], file: 'app.js' }]],
  ['npm exec -- tsx app.ts', [{ ...plain, runner: 'tsx', file: 'app.ts' }]],
  [
    'env -i PORT=1 node app.js',
    [{ ...plain, environment: { PORT: '1' }, clearsEnvironment: true, file: 'app.js' }],
  ],
  ['env -u NODE_ENV A=1 node app.js', [{ ...plain, environment: { A: '1' }, file: 'app.js' }]],
  ['timeout -s KILL 60 node app.js', [{ ...plain, file: 'app.js' }]],
  ['exec nohup node app.js', [{ ...plain, file: 'app.js' }]],
  ['doppler run -p shop -- node app.js', [{ ...plain, file: 'app.js' }]],
  ['npm run build', []],
  ['jest', []],
  ['', []],
])('%s', (commandLine, commands) => {
  expect(nodeCommands(commandLine)).toEqual(commands);
});

test.each([
  ['npm run serve'],
  ['npm run -s serve'],
  ['yarn serve'],
  ['pnpm run serve'],
  ['A=1 npm run serve'],
])('%s starts what the script names', commandLine => {
  const scripts = { serve: 'node -r a app.js', loop: 'npm run loop' };
  const environment = commandLine.startsWith('A=1') ? { A: '1' } : {};
  expect(nodeCommands(commandLine, scripts)).toEqual([
    { ...plain, environment, preloads: ['a'], file: 'app.js' },
  ]);
  expect(nodeCommands('npm run loop', scripts)).toEqual([]);
});

test('options without a program', () => {
  expect(nodeOptions('--require "a b" --max-old-space-size=100 --import c')).toEqual({
    preloads: ['a b', 'c'],
    loaders: [],
    envFiles: [],
  });
});

test('quotes are removed as a shell does it', () => {
  expect(shellWords(`a "b \\"c\\" d" 'e f'g h\\ i&&j`)).toEqual(['a', 'b "c" d', 'e fg', 'h i', '&&', 'j']);
});

describe('a script is followed from', () => {
  const scripts = { serve: 'node -r a app.js', start: 'node -r a app.js' };
  test.each([
    ['node --run serve'],
    ['npm start -- --port 1'],
    ['bun run serve'],
    ['run-s serve'],
    ['concurrently "npm:serve"'],
    ['sh -c "exec npm start"'],
    ['npm exec -- npm run serve'],
  ])('%s', commandLine => {
    expect(nodeCommands(commandLine, scripts)).toEqual([{ ...plain, preloads: ['a'], file: 'app.js' }]);
  });
});

test.each([
  ['npm start -w app', 'npm'],
  ['npm run start --workspace=app', 'npm'],
  ['npm --prefix app start', 'npm'],
  ['npm -w app start', 'npm'],
  ['pnpm -C app run start', 'pnpm'],
  ['pnpm --filter app start', 'pnpm'],
  ['yarn workspace app start', 'yarn'],
])('%s runs a script of a workspace', (commandLine, runner) => {
  expect(nodeCommands(commandLine, { start: commandLine })).toEqual([
    { ...plain, runner, file: undefined, workspace: 'app', inWorkspace: ['start'] },
  ]);
});

test.each([
  ['concurrently -n a,b "node a.js" "node b.js"', ['a.js', 'b.js']],
  ['sh -c "node a.js & node b.js"', ['a.js', 'b.js']],
])('%s starts several programs', (commandLine, names) => {
  expect(nodeCommands(commandLine).map(({ file }) => file)).toEqual(names);
});
