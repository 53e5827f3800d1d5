import { codeIn, readPage, tableOf } from '../docs/pages';
import type { ReceivedMetric, ReceivedSpan } from '../support/otlp';
import type { Fault } from './attributes';
import { olderName } from './registry';
import { patternOf } from './shapes';
import { operationOf } from './spans';

const SPANS = 'docs/spans.md';
const METRICS = 'docs/metrics.md';

type Names = ReadonlySet<string>;

/** All spans, attributes and events that the docs describe. */
export interface Reference {
  /** Span kinds by the pattern of the name, such as `send {topic}`. */
  readonly kinds: ReadonlyMap<string, Names>;
  /** Span attributes by operation: `send`, `process` and so on. */
  readonly spans: ReadonlyMap<string, Names>;
  readonly linkAttributes: Names;
  /** Attributes of events, by the name of the event. */
  readonly events: ReadonlyMap<string, Names>;
  readonly metrics: ReadonlyMap<
    string,
    { readonly instrument: string; readonly unit: string; readonly attributes: Names }
  >;
}

/** Reads the tables of `docs/spans.md` and `docs/metrics.md`. */
export function readReference(spans?: string, metrics?: string): Reference {
  const page = readPage(SPANS, spans);
  const rows = (title: string, of = page) => tableOf(of, title).map(({ cells }) => cells);
  const named = (cell = ''): string => codeIn(cell)[0] ?? '';
  const operations = headingOf(page.text, 'attribute').slice(1, -1).map(named);
  return {
    kinds: new Map(
      rows('span').flatMap(([names = '', kinds = '']) =>
        codeIn(names).map((name): [string, Names] => [name, new Set(kinds.match(/[A-Z]+/g))]),
      ),
    ),
    spans: new Map(
      operations.map((operation, index) => [
        operation,
        new Set(
          rows('attribute')
            .filter(cells => cells[index + 1] !== '')
            .map(([name]) => named(name)),
        ),
      ]),
    ),
    linkAttributes: new Set(rows('attribute of a link').map(([name]) => named(name))),
    events: new Map(
      rows('event').map(([name, attributes = '']) => [named(name), new Set(codeIn(attributes))]),
    ),
    metrics: new Map(
      rows('metric', readPage(METRICS, metrics)).map(([name, instrument = '', unit, attributes = '']) => [
        named(name),
        { instrument, unit: named(unit), attributes: new Set(codeIn(attributes)) },
      ]),
    ),
  };
}

function headingOf(markdown: string, title: string): string[] {
  const line = markdown.split('\n').find(each => new RegExp(`^\\| ${title} +\\|`).test(each)) ?? '';
  return line.split('|').slice(1, -1);
}

/**
 * Returns the name that the docs use for an attribute, which is its name in v1.44. All captured headers share one entry
 * of the docs.
 */
export function documentedName(name: string): string {
  if (name.startsWith('messaging.header.')) return 'messaging.header.{name}';
  // Spans without an operation type have this attribute too.
  return name === 'messaging.operation' ? 'messaging.operation.name' : olderName(name);
}

const reference = readReference();

/** Returns what the docs do not describe about a span: its name, kind, attributes, links or events. */
export function undocumentedOnSpan(span: ReceivedSpan): Fault[] {
  const pattern = patternOf(span);
  const kinds = reference.kinds.get(pattern);
  const shape = kinds?.has(span.kind) ? [] : [fault(`a span "${pattern}" of kind ${span.kind}`)];
  return [
    ...shape,
    ...undocumented(Object.keys(span.attributes), reference.spans.get(operationOf(span))),
    ...undocumented(
      span.links.flatMap(link => Object.keys(link.attributes)),
      reference.linkAttributes,
      'attribute of a link',
    ),
    ...span.events.flatMap(({ name, attributes }) => {
      const documented = reference.events.get(name);
      // An event that the docs do not describe comes from the program.
      return documented ? undocumented(Object.keys(attributes), documented, `attribute of ${name}`) : [];
    }),
  ];
}

export function undocumentedOnMetric({ name, points }: ReceivedMetric): Fault[] {
  const names = points.flatMap(({ attributes }) => Object.keys(attributes));
  return undocumented(names, reference.metrics.get(name)?.attributes);
}

function undocumented(names: readonly string[], documented?: Names, what = 'attribute'): Fault[] {
  if (!documented) return [fault('it')];
  return [...new Set(names.filter(isOurs).map(documentedName))]
    .filter(name => !documented.has(name))
    .map(name => fault(`its ${what} ${name}`));
}

const fault = (what: string): Fault => ({
  rule: 'reference',
  message: `${SPANS} and ${METRICS} do not document ${what}`,
});

/** Ignores all other attributes, because hooks and span processors add them. */
export const isOurs = (name: string): boolean =>
  /^(messaging|kafka|server|network|error|exception)\./.test(name);
