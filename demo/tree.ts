import type { ReceivedSpan } from '../test/support/otlp';
import { duration, timeBar, type Period } from './tree/bar';
import { details, indexSpans, shortId, type Details } from './tree/details';
import { plantForest, type SpanNode } from './tree/forest';
import { coloured, plain, serviceStyles } from './tree/paint';
import { cut, flow, padEnd, padStart, printable, widthOf } from './tree/text';

export interface TreeOptions {
  /** Columns of the terminal; default 100. Without room for at least ten of them there are no time bars. */
  readonly width?: number;
  /** Default false. */
  readonly colours?: boolean;
  /** Spans of other traces too, to name what links lead to and come from. */
  readonly known?: readonly ReceivedSpan[];
}

/** One span's place in the picture: what stands left of its name, and left of the lines below it. */
interface Row extends Details {
  readonly span: ReceivedSpan;
  readonly branch: string;
  readonly trunk: string;
}

const GAP = '  ';
const WIDEST_BAR = 32;
const NARROWEST_BAR = 10;
const NARROWEST_NAME = 12;

/** Draws one trace as a tree: a line per span with a bar of its time, and below it what is known about it. */
export function drawTrace(spans: readonly ReceivedSpan[], options: TreeOptions = {}): string {
  const { width = 100, colours = false, known = spans } = options;
  const paint = colours ? coloured : plain;
  const index = indexSpans([...new Set([...known, ...spans])]);
  const forest = plantForest(spans);
  const rows = forest.flatMap(node => rowsOf(node, '', '', (span, orphan) => details(span, orphan, index)));

  const services = rows.map(({ span }) => printable(span.service));
  const styleOf = serviceStyles(services);
  const whole = periodOf(spans);
  const columns = fit(rows, services, width);

  const lines = rows.flatMap((row, position) => {
    const { span, branch, trunk, facts, errors } = row;
    const service = services[position] ?? '';
    const failed = errors.length > 0;
    const name = cut(printable(span.name), columns.name - widthOf(branch));
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
    const room = Math.max(NARROWEST_NAME, width - widthOf(trunk));
    return [
      first,
      ...flow(facts, room).map(text => paint('dim', trunk + text)),
      ...errors.map(text => paint('dim', trunk) + paint('red', cut(`✖ ${text}`, room))),
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
  /** 0: there is no room for bars. */
  readonly bar: number;
}

/** Bars give way first, then long names are cut. */
function fit(rows: readonly Row[], services: readonly string[], width: number): Columns {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(widthOf));
  const service = widest(services);
  const kind = widest(rows.map(({ span }) => span.kind));
  const time = widest(rows.map(({ span }) => duration(span)));
  const rest = width - service - kind - time - 3 * GAP.length;
  const wanted = widest(rows.map(({ branch, span }) => branch + printable(span.name)));
  const deepest = widest(rows.map(({ branch }) => branch));
  const name = Math.min(wanted, Math.max(deepest + NARROWEST_NAME, rest));
  const left = rest - name - GAP.length;
  return { name, service, kind, duration: time, bar: left < NARROWEST_BAR ? 0 : Math.min(left, WIDEST_BAR) };
}
