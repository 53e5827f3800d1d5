import { shellWords } from '../../../src/doctor/commands';
import { commandsOf } from '../../docs/commands';
import { readPage } from '../../docs/pages';
import { stepsOf } from '../../docs/program';
import { PACKAGES, diagnoseTree, installed, issuesOf } from './layout';

const gettingStarted = readPage('docs/getting-started.md');
const ownSdk = readPage('docs/own-sdk.md');

const files = {
  ...Object.fromEntries(
    stepsOf(gettingStarted).flatMap(step => (step.does === 'write' ? [[step.file, step.text]] : [])),
  ),
  'tracing.js': ownSdk.fences.find(({ text }) => text.includes('sdk.start()'))?.text ?? '',
};
const typed = [gettingStarted, ownSdk]
  .flatMap(({ fences }) => fences)
  .filter(({ language }) => language === 'sh')
  .flatMap(commandsOf);
const packages = typed.flatMap(({ words: [program, verb, ...names] }) =>
  program === 'npm' && verb === 'install' ? names.filter(name => !name.startsWith('-')) : [],
);
/** Leave out commands for programs with an SDK or a tracing file that the pages do not show. */
const commands = typed
  .filter(({ words }) => words[0] === 'node')
  .map(({ text }) => text.replace(/app\.m?js$/, 'shop.js'))
  .filter(command => !/tracing\.mjs|REGISTER=attach/.test(command));

test('the pages have the commands and files that are checked here', () => {
  expect(commands.length).toBeGreaterThanOrEqual(6);
  expect(Object.keys(files).sort()).toEqual(['billing.js', 'shop.js', 'shop.mjs', 'shop.mts', 'tracing.js']);
  expect(packages).toContain('@org/kafka-otel');
});

test.each(commands)('the doctor has no objection to %s', async command => {
  const tree = {
    ...Object.fromEntries(
      Object.entries({ ...PACKAGES, ...installed('tsx', '4.20.0') }).filter(([path]) =>
        packages.some(name => path.includes(`/${name}/`)),
      ),
    ),
    'package.json': { dependencies: Object.fromEntries(packages.map(name => [name, '*'])) },
    ...files,
  };
  const diagnosis = await diagnoseTree(tree, { command: shellWords(command) });
  expect(issuesOf(diagnosis)).toEqual([]);
  expect(diagnosis.verdict).toBe('will flow');
});
