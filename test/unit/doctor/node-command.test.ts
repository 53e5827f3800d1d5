import { nodeCommands, nodeOptions, shellWords } from '../../../src/doctor/node-command';

const plain = { runner: 'node', preloads: [], loaders: [], envFiles: [], environment: {} };

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
  ['jest', []],
  ['', []],
])('%s', (commandLine, commands) => {
  expect(nodeCommands(commandLine)).toEqual(commands);
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
