import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT_CONTEXT, propagation, type Context, type SpanContext } from '@opentelemetry/api';
import { setHandledOrigin } from '../../../src/propagation/extract';
import { keptContexts, propagateContext } from '../../../src/propagation/inject';
import { client, contextOf, producer, traceparent, useTracing } from '../core/tracing';

useTracing();

const found = producer('a', 1);
const carrying = (span: SpanContext) => ({ value: 'v', headers: { traceparent: traceparent(span) } });
const handling = (span: SpanContext) =>
  setHandledOrigin(contextOf(producer('c', 9)), {
    has: (other: SpanContext) => other.spanId === span.spanId,
  });

/** The rules of docs/spans.md for messages that already have trace headers. */
const RULES: readonly {
  readonly message: string;
  readonly given: object | 'propagated';
  readonly active?: Context;
  readonly auto: boolean;
  readonly keep: boolean;
  /** False if the documentation leaves out the rule, because a message without trace headers needs no decision. */
  readonly isDocumented?: false;
}[] = [
  {
    message: 'outside of a handler: headers of another trace than the active one',
    given: carrying(found),
    active: contextOf(producer('c')),
    auto: true,
    keep: true,
  },
  { message: 'headers, and no span is active', given: carrying(found), auto: true, keep: true },
  {
    message: 'headers of the active trace',
    given: carrying(found),
    active: contextOf(producer('a', 2)),
    auto: false,
    keep: true,
  },
  {
    message: 'headers of the message that is being handled',
    given: carrying(found),
    active: handling(found),
    auto: false,
    keep: true,
  },
  {
    message: 'in a handler: headers of another trace, not copied from the handled message',
    given: carrying(found),
    active: handling(producer('b', 5)),
    auto: true,
    keep: true,
  },
  {
    message: 'headers from propagateContext, of the active trace',
    given: 'propagated',
    active: contextOf(producer('a', 2)),
    auto: true,
    keep: true,
  },
  {
    message: 'headers from propagateContext, of the message that is being handled',
    given: 'propagated',
    active: handling(found),
    auto: true,
    keep: true,
  },
  {
    message: 'an invalid traceparent',
    given: { value: 'v', headers: { traceparent: 'garbage' } },
    auto: false,
    keep: false,
  },
  {
    message: 'baggage only',
    given: { value: 'v', headers: { baggage: 'tenant=acme' } },
    auto: false,
    keep: false,
    isDocumented: false,
  },
  {
    message: 'headers that are no trace headers',
    given: { value: 'v', headers: { id: '1' } },
    auto: false,
    keep: false,
    isDocumented: false,
  },
  { message: 'no headers', given: { value: 'v' }, auto: false, keep: false, isDocumented: false },
];

/** Call this only inside a test, because the propagator is not registered earlier. */
const messageOf = ({ given }: (typeof RULES)[number]) =>
  given === 'propagated' ? propagateContext({ value: 'v' }, contextOf(found)) : given;

test('a handled message is also recognised by its span context', () => {
  const handled = setHandledOrigin(contextOf(producer('c', 9)), found);
  expect(keptContexts(client.messages, [carrying(found)], 'auto', handled)).toBeUndefined();
  const other = [carrying(producer('a', 2))];
  expect(keptContexts(client.messages, other, 'auto', handled)).toEqual([producer('a', 2)]);
});

describe.each(RULES)('a message with $message', rule => {
  const active = rule.active ?? ROOT_CONTEXT;

  test.each(['auto', 'keep'] as const)('and %s', policy => {
    const expected = rule[policy] ? [found] : undefined;
    expect(keptContexts(client.messages, [messageOf(rule)], policy, active)).toEqual(expected);
  });

  test('and replace', () => {
    expect(keptContexts(client.messages, [messageOf(rule)], 'replace', active)).toBeUndefined();
  });
});

test.each<[string, unknown]>([
  ['a string, as NestJS decodes it', traceparent(found)],
  ['bytes, as kafkajs delivers them', Buffer.from(traceparent(found))],
  ['a list', [traceparent(found)]],
])('the header may be %s', (_what, value) => {
  const message = { value: 'v', headers: { Traceparent: value } };
  expect(keptContexts(client.messages, [message], 'auto', ROOT_CONTEXT)).toEqual([found]);
  expect(keptContexts(client.messages, [message], 'auto', handling(found))).toBeUndefined();
});

test('headers that are a class instance follow the same rules', () => {
  class Row {
    traceparent = traceparent(found);
  }
  const message = { value: 'v', headers: new Row() };
  expect(keptContexts(client.messages, [message], 'auto', ROOT_CONTEXT)).toEqual([found]);
  expect(keptContexts(client.messages, [message], 'auto', handling(found))).toBeUndefined();
});

test('several messages are decided independently', () => {
  const messages = [{ value: 'v' }, carrying(found), carrying(producer('c', 3))];
  expect(keptContexts(client.messages, messages, 'auto', contextOf(producer('c')))).toEqual([
    undefined,
    found,
    undefined,
  ]);
});

test.each([[null], [undefined], ['text'], [{ headers: null }], [{ headers: new Map() }]])(
  '%p as a message has nothing to keep',
  message => {
    expect(keptContexts(client.messages, [message], 'auto', ROOT_CONTEXT)).toBeUndefined();
  },
);

test('the documentation lists these rules', () => {
  const documented = readFileSync(join(__dirname, '../../../docs/spans.md'), 'utf8')
    .split('\n')
    .map(line => line.split('|').map(cell => cell.trim()))
    .filter(cells => cells.at(-2) === 'replaced')
    .map(([, ...cells]) => cells.slice(0, -1));
  const word = (isKept: boolean) => (isKept ? 'kept' : 'replaced');
  expect(documented).toEqual(
    RULES.filter(({ isDocumented = true }) => isDocumented).map(({ message, auto, keep }) => [
      message,
      word(auto),
      word(keep),
      word(false),
    ]),
  );
});

test('the fields of the propagators are read once, and not at all if no message has headers', () => {
  const fields = jest.spyOn(propagation, 'fields');
  keptContexts(client.messages, [{ value: 'a' }, { value: 'b' }], 'auto', ROOT_CONTEXT);
  expect(fields).not.toHaveBeenCalled();
  keptContexts(client.messages, [{ value: 'a' }, { headers: {} }, { headers: {} }], 'auto', ROOT_CONTEXT);
  expect(fields).toHaveBeenCalledTimes(1);
  fields.mockRestore();
});
