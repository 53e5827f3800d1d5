import { problemOf } from '../../docs/command-rules';
import { commandsInProse, commandsOf } from '../../docs/commands';
import { readPage, readPages, type Fence } from '../../docs/pages';

const pages = readPages();
const inFences = pages
  .flatMap(page => page.fences)
  .filter(({ language }) => language === 'sh')
  .flatMap(commandsOf);
const inProse = pages.flatMap(commandsInProse);

const planted = (...lines: readonly string[]) =>
  readPage('docs/planted.md', ['```sh', ...lines, '```'].join('\n'))
    .fences.flatMap((fence: Fence) => commandsOf(fence))
    .map(problemOf);

test('no command on the pages has a mistake that can be seen without running it', () => {
  expect(inFences.length).toBeGreaterThan(25);
  expect(inProse.length).toBeGreaterThan(20);
  expect([...inFences, ...inProse].map(problemOf).filter(problem => problem !== undefined)).toEqual([]);
});

test.each([
  ['npm run demonstrate', 'package.json has no script "demonstrate"'],
  ['npm run bench -- --onlly=x', 'the script does not read --onlly'],
  ['npm test -- --selectProject unit test/nowhere', 'the script does not read --selectProject'],
  ['npm test -- test/nowhere', 'test/nowhere does not exist'],
  ['npm install @opentelemetry/api @org/kafka-hotel', '@org/kafka-hotel is not in package.json'],
  [
    'npm install @opentelemetry/api@^0.9.0',
    '@opentelemetry/api must have the version ^1.9.0, as in package.json',
  ],
  ['npx @org/kafka-otel docter', 'unknown command "docter"; expected "doctor"'],
  ['npx @org/kafka-otel-viewer node app.js', 'expected -- and the command of a program'],
  ['npx @org/kafka-otel doctor --onlyne', "Unknown option '--onlyne'"],
  ['node --require @org/kafka-otel/registr app.js', 'registr'],
  ['docker run -p 9092:9092 apache/kafka:1.2.3', 'unknown image apache/kafka:1.2.3; expected one of'],
  ['docker build -t image nowhere', 'nowhere does not exist'],
  ['psql "$DATABASE_URL" -f nowhere.sql', 'nowhere.sql does not exist'],
  ['node --require nobodys-loader app.js', "Cannot find module 'nobodys-loader'"],
  ['cd nowhere', 'nowhere does not exist'],
  ['make coffee', 'no rule for "make"; add one to test/docs/command-rules.ts'],
])('the mistake in %s is found', (command, complaint) => {
  expect(planted(command)).toEqual([expect.stringContaining(complaint)]);
});

test('a command over several lines is read with its variables and without its comment', () => {
  const page = readPage(
    'a.md',
    [
      '```sh',
      '# first',
      "A='x # y' B=1 node \\",
      '  app.js # comment',
      'cd docs && npm test',
      'C=2',
      '```',
    ].join('\n'),
  );
  expect(page.fences.flatMap(commandsOf).map(({ environment, words }) => ({ environment, words }))).toEqual([
    { environment: { A: 'x # y', B: '1' }, words: ['node', 'app.js'] },
    { environment: {}, words: ['cd', 'docs'] },
    { environment: {}, words: ['npm', 'test'] },
    { environment: { C: '2' }, words: [] },
  ]);
});
