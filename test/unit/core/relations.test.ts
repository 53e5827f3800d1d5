import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { context, type Context } from '@opentelemetry/api';
import type { ConsumerContext } from '../../../src/config/options';
import { startBatch } from '../../../src/core/batch';
import { startMessage, type Operation } from '../../../src/core/process';
import type { Runtime } from '../../../src/runtime';
import { baggageIn, client, contextOf, producer, traceparent, useTracing, type Recorded } from './tracing';

/*
 * How every kind of consumer span relates to the producers of its messages. The rows are read off real spans and compared
 * with the table in docs/context-propagation.md, which is both documentation and expectation.
 */

const tracing = useTracing();

const first = producer('a', 1);
const second = producer('b', 2);

/** A message of a producer's, each with the same baggage, or one without any headers. */
const from = (span?: typeof first) => ({
  offset: '0',
  headers: span ? { traceparent: traceparent(span), baggage: 'tenant=acme' } : {},
});
type Message = ReturnType<typeof from>;

const batchOf = (messages: readonly Message[]) => ({ topic: 'orders', partition: 0, messages });

const eachMessage = (telemetry: Runtime, [message = from()]: readonly Message[]): Operation[] => [
  startMessage(telemetry, client, { topic: 'orders', partition: 0, message }),
];
const eachBatch = (telemetry: Runtime, messages: readonly Message[]): Operation[] => {
  const batch = startBatch(telemetry, client, batchOf(messages));
  return batch ? [batch] : [];
};
const withMessageSpan = (telemetry: Runtime, messages: readonly Message[]): Operation[] => {
  const [, last = from()] = messages;
  const batch = startBatch(telemetry, client, batchOf(messages));
  if (!batch) return [];
  return [context.with(batch.context, () => batch.messages.start(last)), batch];
};

type Start = typeof eachMessage;
const CASES: readonly (readonly [span: string, of: string, start: Start, messages: readonly Message[]])[] = [
  ['`eachMessage`', 'a message with context', eachMessage, [from(first)]],
  ['`eachMessage`', 'a message without', eachMessage, [from()]],
  ['`eachBatch`', 'one message with context', eachBatch, [from(first)]],
  ['`eachBatch`', 'several of one producer span', eachBatch, [from(first), from(first)]],
  ['`eachBatch`', 'several of many producer spans', eachBatch, [from(first), from(second)]],
  ['`eachBatch`', 'one producer span, some messages without', eachBatch, [from(first), from()]],
  ['`eachBatch`', 'none with context', eachBatch, [from(), from()]],
  ['`withMessageSpan`', 'a message with context', withMessageSpan, [from(second), from(first)]],
  ['`withMessageSpan`', 'a message without', withMessageSpan, [from(second), from()]],
];
const MODES: readonly ConsumerContext[] = ['parent-and-link', 'parent', 'link'];

/** One span's relations in words; `known` maps the ids of spans to theirs. */
function relationsOf(
  span: Recorded,
  active: Context,
  known: ReadonlyMap<string, string>,
): readonly [parent: string, links: string, baggage: string] {
  const linked = span.links.map(link => known.get(link.span) ?? link.span);
  const producers = linked.filter(name => name === 'producer');
  const links =
    producers.length > 1 ? ['each producer', ...linked.filter(name => name !== 'producer')] : linked;
  const parent = span.parent === undefined ? 'none: a new trace' : (known.get(span.parent) ?? span.parent);
  const baggage = baggageIn(active);
  const itsOwn = Object.keys(baggage).length === 1 && baggage['tenant'] === 'acme';
  return [parent, links.join(', ') || 'none', itsOwn ? 'its own' : Object.keys(baggage).join() || 'none'];
}

function relate(start: Start, messages: readonly Message[], mode: ConsumerContext) {
  const operations = context.with(contextOf(producer('c', 3), { user: '7' }), () =>
    start(tracing.runtime({ consumerContext: mode }), messages),
  );
  for (const operation of operations) operation.end();
  const [span, batchSpan] = tracing.spans();
  const [operation] = operations;
  if (!span || !operation) throw new Error('no span was made');
  const known = new Map([
    [first.spanId, 'producer'],
    [second.spanId, 'producer'],
    [batchSpan?.spanId ?? '', 'batch span'],
  ]);
  return relationsOf(span, operation.context, known);
}

/** The rows of the documented table that are about a span and its messages, as cells. */
function documented(span: string, of: string): string[][] {
  const page = readFileSync(join(__dirname, '../../../docs/context-propagation.md'), 'utf8');
  return page
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    ) // prettier-ignore
    .filter(([name, messages]) => name === span && messages === of);
}

test.each(CASES)(
  'the relations of %s, %p, are those that the documentation tells',
  (span, of, start, messages) => {
    const byMode = MODES.map(mode => {
      const relations = relate(start, messages, mode);
      tracing.reset();
      return [mode, relations] as const;
    });
    const rows = [...new Set(byMode.map(([, relations]) => relations.join('|')))].map(relations => {
      const modes = byMode.filter(([, each]) => each.join('|') === relations).map(([mode]) => `\`${mode}\``);
      return [span, of, modes.length === MODES.length ? 'any' : modes.join(', '), ...relations.split('|')];
    });
    expect(documented(span, of)).toEqual(rows);
  },
);

test('the documentation tells of no other relations', () => {
  const told = readFileSync(join(__dirname, '../../../docs/context-propagation.md'), 'utf8')
    .split('\n')
    .filter(line => /^\| `(eachMessage|eachBatch|withMessageSpan)`/.test(line));
  const tested = new Set(CASES.flatMap(([span, of]) => documented(span, of).map(cells => cells.join('|'))));
  expect(told).toHaveLength(tested.size);
});
