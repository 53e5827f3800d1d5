import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReceivedSpan } from '../../../support/otlp';
import { projectRoot } from '../../../support/program';
import { drawTraces, shownTraces, unordered, type Shown } from './tree';

/**
 * Compares complete traces with the trees in the README of an example: name, service, kind, position, links, errors and
 * custom attributes of every span. `EXAMPLES=write` updates the README instead.
 */
export function expectTracesOfReadme(
  example: string,
  spans: readonly ReceivedSpan[],
  topics: Readonly<Record<string, string>>,
): void {
  const file = join(projectRoot, 'examples', example, 'README.md');
  const readme = readFileSync(file, 'utf8');
  const seen = shownTraces(spans, topics);
  const drawn = drawTraces(seen);
  if (process.env['EXAMPLES'] === 'write') {
    const text = readme.replace(
      BLOCK,
      (_all, begin: string, _trees, end: string) => `${begin}${drawn}\n${end}`,
    );
    writeFileSync(file, text);
  } else {
    const [, , trees = ''] = BLOCK.exec(readme) ?? [];
    expect({ drawn: unordered(readTraces(trees)), seen: drawn }).toEqual({
      drawn: unordered(joinFacts(seen)),
      seen: drawn,
    });
  }
}

/** The trees are in the first code block of the language `text`. */
const BLOCK = /(```text\n)([^]*?)(```\n)/;

/** Parses trees that `drawTraces` has written. */
export function readTraces(text: string): Shown[] {
  const traces: Draft[] = [];
  const path: Draft[] = [];
  for (const line of text.split('\n').filter(each => each !== '')) {
    const [, prefix = '', words = ''] = /^((?:[│ ] {2}|[├└]─ )*)(.*)$/.exec(line) ?? [];
    const depth = prefix.length / 3;
    const isSpan = prefix === '' || prefix.includes('─');
    if (!isSpan) {
      path.at(-1)?.facts.push(words);
      continue;
    }
    const [name = '', service = '', kind = ''] = words.split(/ {2,}/);
    const span: Draft = { title: [name, service, kind], facts: [], children: [] };
    const above = path[depth - 1];
    (above ? above.children : traces).push(span);
    path.splice(depth, path.length, span);
  }
  return joinFacts(traces);
}

interface Draft extends Shown {
  readonly facts: string[];
  readonly children: Draft[];
}

/** Joins lines of facts, because their line breaks depend only on the width. */
function joinFacts(traces: readonly Shown[]): Shown[] {
  return traces.map(({ title, facts, children }) => ({
    title,
    facts: facts.join(' · ').split(' · '),
    children: joinFacts(children),
  }));
}
