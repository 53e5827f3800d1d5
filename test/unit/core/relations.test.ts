import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { context, trace, type Context } from '@opentelemetry/api';
import type { ConsumerContext } from '../../../src/config/options';
import { withMessageSpan } from '../../../src/core/message-span';
import type { Runtime } from '../../../src/runtime';
import { batchOf, deliver, deliverBatch } from './consuming';
import { handleRecord } from './lambda';
import { baggageIn, contextOf, producer, traceparent, useTracing, type Recorded } from './tracing';

/*
 * How consumer spans are connected with the producers of their messages. The recorded spans are compared with the table
 * in docs/spans.md, so the table is documentation and expectation in one.
 */

const tracing = useTracing();

const first = producer('a', 1);
const second = producer('b', 2);

/** Creates a message of a producer, always with the same baggage. Without a producer, the message has no headers. */
const from = (span?: typeof first) => ({
  offset: '0',
  headers: span ? { traceparent: traceparent(span), baggage: 'tenant=acme' } : {},
});
type Message = ReturnType<typeof from>;

/** The context in which `run()` was called. It must not be visible in any consumer span. */
const caller = contextOf(producer('c', 3), { user: '7' });

/**
 * These functions deliver messages. They return the context that is active in the handler or in the function of
 * `withMessageSpan`.
 */
const eachMessage = (runtime: Runtime, [message = from()]: readonly Message[]): Context =>
  deliver(runtime, message, active => active, { caller });
const eachBatch = (runtime: Runtime, messages: readonly Message[]): Context =>
  deliverBatch(runtime, batchOf(messages), active => active, { caller });
const inMessageSpan = (runtime: Runtime, messages: readonly Message[]): Context => {
  const batch = batchOf(messages);
  return deliverBatch(runtime, batch, () => withMessageSpan(batch, messages[1], () => context.active()), {
    caller,
  });
};
const record = ([message = from()]: readonly Message[]) => ({ topic: 'orders', partition: 2, ...message });
const inRecordSpan = (runtime: Runtime, messages: readonly Message[]): Context =>
  handleRecord(runtime, record(messages), active => active, caller);
const aloneInRecordSpan = (runtime: Runtime, messages: readonly Message[]): Context =>
  handleRecord(runtime, record(messages), active => active);

type Start = typeof eachMessage;
const CASES: readonly (readonly [span: string, of: string, start: Start, messages: readonly Message[]])[] = [
  ['`eachMessage`', 'a message with context', eachMessage, [from(first)]],
  ['`eachMessage`', 'a message without', eachMessage, [from()]],
  ['`eachBatch`', 'one message with context', eachBatch, [from(first)]],
  ['`eachBatch`', 'several of one producer span', eachBatch, [from(first), from(first)]],
  ['`eachBatch`', 'several of many producer spans', eachBatch, [from(first), from(second)]],
  ['`eachBatch`', 'one producer span, some messages without', eachBatch, [from(first), from()]],
  ['`eachBatch`', 'none with context', eachBatch, [from(), from()]],
  ['`withMessageSpan`', 'a message with context', inMessageSpan, [from(second), from(first)]],
  ['`withMessageSpan`', 'a message without', inMessageSpan, [from(second), from()]],
  ['`withMessageSpan`', 'a record with context, in an active span', inRecordSpan, [from(first)]],
  ['`withMessageSpan`', 'a record without, in an active span', inRecordSpan, [from()]],
  ['`withMessageSpan`', 'a record with context, no active span', aloneInRecordSpan, [from(first)]],
  ['`withMessageSpan`', 'a record without, no active span', aloneInRecordSpan, [from()]],
];
const MODES: readonly ConsumerContext[] = ['parent-and-link', 'parent', 'link'];

/** Describes the relations of a span in words. `known` maps ids of spans to words. */
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
  const active = start(tracing.runtime({ consumerContext: mode }), messages);
  const [span, batchSpan] = tracing.spans();
  if (!span) throw new Error('no span was made');
  const known = new Map([
    [first.spanId, 'producer'],
    [second.spanId, 'producer'],
    [batchSpan?.spanId ?? '', 'batch span'],
    [trace.getSpanContext(caller)?.spanId ?? '', 'active span'],
  ]);
  return relationsOf(span, active, known);
}

/** Returns the rows of the documented table for a span and its messages. */
function documented(span: string, of: string): string[][] {
  const page = readFileSync(join(__dirname, '../../../docs/spans.md'), 'utf8');
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

test.each(CASES)('the relations of %s, %p, are as documented', (span, of, start, messages) => {
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
});

test('the documentation has no other rows', () => {
  const rows = readFileSync(join(__dirname, '../../../docs/spans.md'), 'utf8')
    .split('\n')
    .filter(line => /^\| `(eachMessage|eachBatch|withMessageSpan)`/.test(line));
  const tested = new Set(CASES.flatMap(([span, of]) => documented(span, of).map(cells => cells.join('|'))));
  expect(rows).toHaveLength(tested.size);
});
