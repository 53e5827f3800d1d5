import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReceivedMetric, ReceivedSpan } from '../support/otlp';
import type { Fault } from './attributes';
import { olderName } from './registry';
import { operationOf } from './spans';

const FILE = join(__dirname, '..', '..', 'docs', 'spans-and-metrics.md');

/** The attributes that the reference says a span or a metric has, by `send`, `process`, … or by the metric's name. */
export interface Reference {
  readonly spans: ReadonlyMap<string, ReadonlySet<string>>;
  readonly metrics: ReadonlyMap<
    string,
    { readonly instrument: string; readonly unit: string; readonly attributes: ReadonlySet<string> }
  >;
}

/** Reads the two tables of `docs/spans-and-metrics.md`: a matrix of attribute by span, and a list of metrics. */
export function readReference(markdown = readFileSync(FILE, 'utf8')): Reference {
  const rows = markdown
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(cells);
  const heading = rows.find(([first]) => first === 'attribute') ?? [];
  const operations = heading.slice(1, -1).map(code);
  const matrix = rows.filter(row => row.length === heading.length && isCode(row[0]));
  const spans = new Map(
    operations.map((operation, index) => [
      operation,
      new Set(matrix.filter(row => row[index + 1] !== '').map(([name = '']) => code(name))),
    ]),
  );
  const metrics = new Map(
    rows
      .filter(row => row.length === METRIC_COLUMNS && isCode(row[0]) && row !== heading)
      .filter(([, instrument = '']) => /^(histogram|counter|gauge)$/.test(instrument))
      .map(([name = '', instrument = '', unit = '', attributes = '']) => [
        code(name),
        {
          instrument,
          unit: code(unit),
          attributes: new Set(
            Array.from(attributes.matchAll(/`([^`]+)`/g), ([, attribute = '']) => attribute),
          ),
        },
      ]),
  );
  return { spans, metrics };
}

/** Name, instrument, unit, attributes, meaning. */
const METRIC_COLUMNS = 5;

const cells = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim());
const code = (cell: string): string => cell.replaceAll('`', '');
const isCode = (cell: string | undefined): boolean => cell?.startsWith('`') ?? false;

/** How the reference calls an attribute: by its v1.44 name, and captured headers all alike. */
export const documentedName = (name: string): string =>
  name.startsWith('messaging.header.') ? 'messaging.header.{name}' : olderName(name);

const reference = readReference();

/** Attributes that the reference does not know of. */
export function undocumentedOnSpan(span: ReceivedSpan): Fault[] {
  return undocumented(Object.keys(span.attributes), reference.spans.get(operationOf(span)));
}

export function undocumentedOnMetric({ name, points }: ReceivedMetric): Fault[] {
  const names = points.flatMap(({ attributes }) => Object.keys(attributes));
  return undocumented(names, reference.metrics.get(name)?.attributes);
}

function undocumented(names: readonly string[], documented: ReadonlySet<string> | undefined): Fault[] {
  if (!documented) return [{ rule: 'reference', message: 'docs/spans-and-metrics.md does not have it' }];
  return [...new Set(names.filter(isOurs).map(documentedName))]
    .filter(name => !documented.has(name))
    .map(name => ({
      rule: 'reference',
      message: `docs/spans-and-metrics.md does not have its attribute ${name}`,
    }));
}

/** Others are hooks' and processors'. */
export const isOurs = (name: string): boolean => /^(messaging|kafka|server|network|error)\./.test(name);
