// Writes measured values into pages of the repository. Each command that measures has its own section of a page,
// between two HTML comments.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, relative } from 'node:path';

const root = join(__dirname, '..');

/**
 * Replaces the text between `<!-- {section}: … -->` and `<!-- /{section} -->` in a page and formats the page with
 * prettier.
 *
 * @param page path from the root of the repository, such as `bench/README.md`
 * @returns the page's path, relative to the working directory
 * @throws Error if the page has no such section
 */
export function writeFigures(page: string, section: string, markdown: string): string {
  const file = join(root, page);
  const text = readFileSync(file, 'utf8');
  const marks = new RegExp(`(<!-- ${section}: [^]*?-->\\n)[^]*?(<!-- /${section} -->)`);
  if (!marks.test(text))
    throw new Error(
      `${page} has no section <!-- ${section}: … -->. Add the section to the page, or correct the section name in the call of writeFigures`,
    );
  const filled = text.replace(
    marks,
    (_all, begin: string, end: string) => `${begin}\n${markdown.trim()}\n\n${end}`,
  );
  writeFileSync(file, filled);
  execFileSync(process.execPath, [require.resolve('prettier/bin/prettier.cjs'), '--write', file], {
    cwd: root,
  });
  return relative(process.cwd(), file);
}

/** Returns when and where values were measured: date, commit, Node.js, CPU and memory. */
export function provenance(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${memory}`;
  return `${new Date().toISOString().slice(0, 10)}, commit ${commit()}, Node.js ${process.versions.node}, ${process.platform} ${process.arch}, ${machine}`;
}

function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', 'src') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}
