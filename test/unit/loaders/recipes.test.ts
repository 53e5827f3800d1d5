import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../support/program';

const pages = ['bundlers', 'testing'].map(name => readFileSync(join(projectRoot, `docs/${name}.md`), 'utf8'));
const blocks = (language: string) =>
  [...pages.join('\n').matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );

const files = filesIn(join(projectRoot, 'fixtures/loaders'));

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

test('the recipes for bundlers and loaders are the files that the tests run', () => {
  const texts = new Set(files.map(file => readFileSync(file, 'utf8')));
  const recipes = blocks('js').filter(block => !block.includes('expect('));
  expect(recipes.length).toBe(14);
  expect(recipes.filter(block => !texts.has(block))).toEqual([]);
});

test('the commands for bundles are the scripts that the tests run', () => {
  const { scripts } = JSON.parse(
    readFileSync(join(projectRoot, 'fixtures/loaders/bundled/package.json'), 'utf8'),
  ) as { scripts: Readonly<Record<string, string>> };
  const commands = blocks('sh').flatMap(block => block.trim().split('\n'));
  const ofBundles = commands.filter(command => /esbuild|dist/.test(command));
  expect(ofBundles).toHaveLength(4);
  expect(ofBundles.filter(command => !Object.values(scripts).includes(command))).toEqual([]);
});
