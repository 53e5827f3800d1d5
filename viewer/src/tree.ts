import type { ReceivedSpan } from './otlp/decode';
import { duration, timeBar, type Period } from './tree/bar';
import { details, indexSpans, shortId, type Details, type SpanIndex } from './tree/details';
import { buildSpanTrees, type SpanNode } from './tree/span-trees';
import { coloured, plain, serviceStyles, wantsColour } from './tree/paint';
import { joinIntoLines, truncate, padEnd, padStart, printable, widthOf } from './tree/text';

export interface TreeOptions {
  /** Number of columns of the terminal. Default: 100. Bars with fewer than ten columns are left out. */
  readonly width?: number;
  /** Print colours. Default: false. */
  readonly colours?: boolean;
  /** Finds spans of other traces, to show the names of linked spans. Default: only the spans of this trace. */
  readonly index?: SpanIndex;
}

const MAX_WIDTH = 120;
const MIN_WIDTH = 60;

/** Width and colours that fit an output stream. */
export const lookOn = (
  stream: NodeJS.WriteStream,
): { readonly width: number; readonly colours: boolean } => ({
  width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, stream.isTTY ? stream.columns : 100)),
  colours: wantsColour(process.env, stream),
});

/** A span with the text in front of its lines: `branch` for the first line, `trunk` for the lines below. */
interface Row extends Details {
  readonly span: ReceivedSpan;
  readonly branch: string;
  readonly trunk: string;
}

const GAP = '  ';
const MAX_BAR = 32;
const MIN_BAR = 10;
const MIN_NAME = 12;

/** Draws a trace as a tree. Every span has one line with a time bar. Its details are below that line. */
export function drawTrace(spans: readonly ReceivedSpan[], options: TreeOptions = {}): string {
  const { width = 100, colours = false, index = indexSpans(spans) } = options;
  const paint = colours ? coloured : plain;
  const trees = buildSpanTrees(spans);
  const rows = trees.flatMap(node => rowsOf(node, '', '', (span, orphan) => details(span, orphan, index)));

  const services = rows.map(({ span }) => printable(span.service));
  const styleOf = serviceStyles(services);
  const whole = periodOf(spans);
  const columns = layOut(rows, services, width);

  const lines = rows.flatMap((row, position) => {
    const { span, branch, trunk, facts, errors } = row;
    const service = services[position] ?? '';
    const failed = errors.length > 0;
    const name = truncate(printable(span.name), columns.name - widthOf(branch));
    const bar = columns.bar === 0 ? '' : timeBar(span, whole, columns.bar).trimEnd();
    const first = [
      paint('dim', branch) +
        paint(failed ? 'red' : 'bold', name) +
        ' '.repeat(columns.name - widthOf(branch) - widthOf(name)),
      paint(styleOf(service), padEnd(service, columns.service)),
      paint('dim', padEnd(span.kind.toLowerCase(), columns.kind)),
      padStart(duration(span), columns.duration),
      ...(bar === '' ? [] : [paint(failed ? 'red' : styleOf(service), bar)]),
    ].join(GAP);
    const available = Math.max(MIN_NAME, width - widthOf(trunk));
    return [
      first,
      ...joinIntoLines(facts, available).map(text => paint('dim', trunk + text)),
      ...errors.map(text => paint('dim', trunk) + paint('red', truncate(`✖ ${text}`, available))),
    ];
  });
  return [heading(spans, services, whole, colours), ...lines].join('\n');
}

function heading(
  spans: readonly ReceivedSpan[],
  services: readonly string[],
  whole: Period,
  colours: boolean,
): string {
  const paint = colours ? coloured : plain;
  const facts = [
    counted(spans.length, 'span'),
    counted(new Set(services).size, 'service'),
    duration(whole),
  ].join(' · ');
  return `${paint('bold', `trace ${shortId(spans[0]?.traceId ?? '')}`)}  ${paint('dim', facts)}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function rowsOf(
  node: SpanNode,
  branch: string,
  indent: string,
  describe: (span: ReceivedSpan, orphan: boolean) => Details,
): Row[] {
  const trunk = indent + (node.children.length > 0 ? '│  ' : '   ');
  const below = node.children.flatMap((child, position) => {
    const last = position === node.children.length - 1;
    return rowsOf(child, `${indent}${last ? '└─ ' : '├─ '}`, `${indent}${last ? '   ' : '│  '}`, describe);
  });
  return [{ span: node.span, branch, trunk, ...describe(node.span, node.orphan) }, ...below];
}

function periodOf(spans: readonly ReceivedSpan[]): Period {
  return {
    start: spans.map(span => span.start).reduce((a, b) => (b < a ? b : a), spans[0]?.start ?? 0n),
    end: spans.map(span => span.end).reduce((a, b) => (b > a ? b : a), spans[0]?.end ?? 0n),
  };
}

interface Columns {
  readonly name: number;
  readonly service: number;
  readonly kind: number;
  readonly duration: number;
  /** Width of the bars. 0 means that there is no space for bars. */
  readonly bar: number;
}

/** Distributes the width of the terminal. On a narrow terminal, leaves out bars first, and then shortens long names. */
function layOut(rows: readonly Row[], services: readonly string[], width: number): Columns {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(widthOf));
  const service = widest(services);
  const kind = widest(rows.map(({ span }) => span.kind));
  const time = widest(rows.map(({ span }) => duration(span)));
  const rest = width - service - kind - time - 3 * GAP.length;
  const wanted = widest(rows.map(({ branch, span }) => branch + printable(span.name)));
  const deepest = widest(rows.map(({ branch }) => branch));
  const name = Math.min(wanted, Math.max(deepest + MIN_NAME, rest));
  const left = rest - name - GAP.length;
  return { name, service, kind, duration: time, bar: left < MIN_BAR ? 0 : Math.min(left, MAX_BAR) };
}
