/**
 * Reads all pages of the documentation, with their headings, links and code blocks. A code block is also called a
 * fence.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** Folders that contain no pages of this repository. */
const FOREIGN = new Set(['node_modules', 'dist', 'coverage', '.cache', '.git', 'results']);

export interface Page {
  /** Path relative to the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly fences: readonly Fence[];
  /** The part after `#` in links to the headings. */
  readonly anchors: readonly string[];
  readonly links: readonly Link[];
}

export interface Fence {
  readonly page: string;
  /** Number of the first line, counted from 1. */
  readonly line: number;
  readonly language: string;
  /** Entries `name: value` of the HTML comment directly above the code block. */
  readonly notes: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Link {
  readonly line: number;
  readonly target: string;
}

/** Page and line of a code block, for messages. */
export const placeOf = ({ page, line }: Fence): string => `${page}:${line}`;

export function readPage(path: string, text = readFileSync(join(ROOT, path), 'utf8')): Page {
  const lines = text.split('\n');
  const fences: Fence[] = [];
  const links: Link[] = [];
  const headings: string[] = [];
  let open: { fence: string; language: string; start: number } | undefined;
  for (const [index, line] of lines.entries()) {
    const [, marks, language = ''] = /^\s*(```+|~~~+)\s*(\S*)/.exec(line) ?? [];
    if (open) {
      if (marks === undefined || !marks.startsWith(open.fence) || language !== '') continue;
      fences.push({
        page: path,
        line: open.start + 1,
        language: open.language,
        notes: notesAbove(lines, open.start),
        text: `${lines.slice(open.start + 1, index).join('\n')}\n`,
      });
      open = undefined;
    } else if (marks !== undefined) {
      open = { fence: marks, language, start: index };
    } else {
      const [, heading] = /^#{1,6} (.*)$/.exec(line) ?? [];
      if (heading !== undefined) headings.push(heading);
      links.push(...linksIn(line).map(target => ({ line: index + 1, target })));
    }
  }
  if (open) throw new Error(`${path}:${open.start + 1} opens a fence that is not closed`);
  return { path, text, fences, links, anchors: anchorsOf(headings) };
}

/** Returns all pages of the repository and its examples. */
export function readPages(): Page[] {
  return markdownIn(ROOT)
    .map(file => relative(ROOT, file).replaceAll('\\', '/'))
    .sort()
    .map(path => readPage(path));
}

function markdownIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (FOREIGN.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/**
 * Reads an HTML comment directly above a code block, such as `<!-- given: producer -->`, `<!-- file: shop.mjs, shop.mts
 * -->` or `<!-- output -->`. One empty line may be between them, because prettier adds it.
 */
function notesAbove(lines: readonly string[], start: number): Fence['notes'] {
  const above = lines[start - 1]?.trim() === '' ? lines[start - 2] : lines[start - 1];
  const [, comment = ''] = /^\s*<!-- (?!\/)(.*?) -->\s*$/.exec(above ?? '') ?? [];
  const notes = comment.split(';').map(note => /^\s*(given|file|output)(?::\s*(.*?))?\s*$/.exec(note));
  return Object.fromEntries(notes.flatMap(note => (note?.[1] ? [[note[1], note[2] ?? '']] : [])));
}

/** Returns the targets of links and images in a line of Markdown or HTML. */
function linksIn(line: string): string[] {
  const prose = line.replace(/`[^`]*`/g, code => '`'.repeat(code.length));
  return [
    ...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g),
    ...line.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g),
    ...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/g),
  ].map(([, target = '']) => target);
}

/**
 * Returns the parts after `#` that GitHub assigns to headings: letters, digits and hyphens. A repeated heading also
 * gets a number.
 */
function anchorsOf(headings: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headings.map(heading => {
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Returns the rows of all tables whose first column has this title. */
export function tableOf({ text }: Page, title: string): Row[] {
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    if (cellsOf(line)[0] !== title || !/^\|[\s:|-]+\|$/.test(lines[start + 1] ?? '')) return [];
    const end = lines.slice(start).findIndex(each => !each.startsWith('|'));
    return lines
      .slice(start + 2, end < 0 ? undefined : start + end)
      .map((row, index) => ({ line: start + 3 + index, cells: cellsOf(row) }));
  });
}

function cellsOf(line: string): string[] {
  if (!line.startsWith('|')) return [];
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim());
}

/** Returns the texts in backticks. */
export const codeIn = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
