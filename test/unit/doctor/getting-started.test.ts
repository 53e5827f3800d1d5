import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellWords } from '../../../src/doctor/commands';
import { PACKAGES, diagnoseTree, issuesOf } from './layout';

const page = readFileSync(join(__dirname, '../../../docs/getting-started.md'), 'utf8');
const files = Object.fromEntries(
  [...page.matchAll(/<!-- file: (\S+) -->\s*```js\n([^]*?)```/g)].map(([, name = '', code = '']) => [
    name,
    code,
  ]),
);
const packages = [...page.matchAll(/^npm install (.+)$/gm)].flatMap(([, names = '']) => names.split(' '));
const commands = [...page.matchAll(/^(?:\S+=\S+ )*node .+$/gm)].map(([command]) => command);

test('the page has the commands and files that are checked here', () => {
  expect(commands.length).toBeGreaterThanOrEqual(4);
  expect(Object.keys(files).sort()).toEqual(['billing.js', 'shop.js', 'tracing.js']);
  expect(packages).toContain('@org/kafka-otel');
});

test.each(commands)('the doctor has no objection to %s', async command => {
  const tree = {
    ...Object.fromEntries(
      Object.entries(PACKAGES).filter(([path]) => packages.some(name => path.includes(`/${name}/`))),
    ),
    'package.json': { dependencies: Object.fromEntries(packages.map(name => [name, '*'])) },
    ...files,
  };
  const diagnosis = await diagnoseTree(tree, { command: shellWords(command) });
  expect(issuesOf(diagnosis)).toEqual([]);
  expect(diagnosis.verdict).toBe('will flow');
});
