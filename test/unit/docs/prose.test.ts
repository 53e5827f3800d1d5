import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { ROOT } from '../../docs/pages';

jest.setTimeout(120_000);

/** Returns the output of a linter that reads a file from stdin. */
function lint(entry: string, args: readonly string[], input: string): Promise<string> {
  const { stdin, stdout } = spawn(process.execPath, [join(ROOT, 'node_modules', entry), ...args], {
    cwd: ROOT,
  });
  stdin.end(input);
  return text(stdout);
}

const spelling = async (path: string, input: string) => {
  const args = ['--no-progress', '--words-only', `stdin://${path}`];
  return (await lint('cspell/bin.mjs', args, input)).trim().split('\n');
};
const words = async (path: string, input: string) => {
  const args = ['--stdin', '--stdin-filename', path, '--format', 'json'];
  const results = JSON.parse(await lint('eslint/bin/eslint.js', args, input)) as {
    messages: { message: string }[];
  }[];
  return results.flatMap(({ messages }) => messages.map(({ message }) => message));
};

const PAGE = 'A mesage, lest it\nis one of\nours.\n\n`mesage` and `lest` in code.\n';

test('spelling mistakes on a page and in a comment are found, but not those in code', async () => {
  const found = await Promise.all([
    spelling('docs/planted.md', PAGE),
    spelling('src/planted.ts', "// A mesage.\nexport const mesage = 'mesage';\n"),
  ]);
  expect(found).toEqual([['mesage'], ['mesage']]);
});

test('words that have a plainer form are found on a page and in a comment, but not in code', async () => {
  const found = await Promise.all([
    words('docs/planted.md', PAGE),
    words('src/planted.js', "// Lest it is lost.\nexport const word = 'lest';\n"),
  ]);
  expect(found).toEqual([
    ['Use plainer words than "lest".', 'Use plainer words than "of ours".'],
    [expect.stringContaining("Unexpected 'lest' comment")],
  ]);
});
