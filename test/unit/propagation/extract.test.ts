import { ROOT_CONTEXT, createContextKey, trace } from '@opentelemetry/api';
import { Bases, extractContext, producerOf, withoutCaller } from '../../../src/propagation/extract';
import { producersOf } from '../../../src/propagation/batch-origins';
import { baggageIn, contextOf, producer, traceparent, useTracing } from '../core/tracing';

useTracing();

const KEY = createContextKey('of the application');

/** A message as kafkajs delivers it from a producer's span. */
const from = (span: ReturnType<typeof producer>, headers: Record<string, unknown> = {}) => ({
  offset: '0',
  headers: { traceparent: Buffer.from(traceparent(span)), ...headers },
});

describe('the context of whoever called run()', () => {
  test('loses its span and its baggage, and nothing else', () => {
    const caller = contextOf(producer('c'), { user: '7' }, ROOT_CONTEXT.setValue(KEY, 'kept'));
    const base = withoutCaller(caller);
    expect(trace.getSpan(base)).toBeUndefined();
    expect(baggageIn(base)).toEqual({});
    expect(base.getValue(KEY)).toBe('kept');
  });

  test('has all its values where it has neither', () => {
    expect(withoutCaller(ROOT_CONTEXT.setValue(KEY, 'kept')).getValue(KEY)).toBe('kept');
  });
});

test('what is left of a context is remembered until another one comes', () => {
  const bases = new Bases();
  const [one, other] = ['one', 'other'].map(value => ROOT_CONTEXT.setValue(KEY, value));
  if (!one || !other) throw new Error('there are two');
  const base = bases.of(one);
  expect(bases.of(one)).toBe(base);
  expect([bases.of(other), bases.of(one)].map(found => found.getValue(KEY))).toEqual(['other', 'one']);
});

describe('extractContext', () => {
  test('gives the remote span and the baggage that the headers hold', () => {
    const context = extractContext(from(producer('a'), { baggage: 'tenant=acme' }));
    expect(producerOf(context)).toEqual(producer('a'));
    expect(baggageIn(context)).toEqual({ tenant: 'acme' });
  });

  test('lays them over the context it is given', () => {
    const context = extractContext(from(producer('a')), ROOT_CONTEXT.setValue(KEY, 'kept'));
    expect(context.getValue(KEY)).toBe('kept');
    expect(producerOf(context)).toEqual(producer('a'));
  });

  test.each<[string, unknown]>([
    ['no headers', { value: 'v' }],
    ['other headers', { headers: { id: '1' } }],
    ['null headers', { headers: null }],
    ['null for a message', null],
    ['text for a message', 'text'],
  ])('gives the very context it was given for %s', (_what, message) => {
    const context = ROOT_CONTEXT.setValue(KEY, 'same');
    expect(extractContext(message, context)).toBe(context);
  });

  test.each<[string, unknown]>([
    ['garbage', 'garbage'],
    ['zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
    ['nothing', ''],
    ['null', null],
    ['binary', Buffer.from([0xff, 0xfe])],
  ])('finds no producer in a traceparent of %s', (_what, value) => {
    expect(producerOf(extractContext({ headers: { traceparent: value } }))).toBeUndefined();
  });
});

describe('the producers of a batch', () => {
  const spans = (messages: readonly { offset: string }[]) => {
    const { distinct, complete } = producersOf(messages, ROOT_CONTEXT);
    return { complete, distinct: distinct.map(({ span, only }) => [span.spanId, only]) };
  };
  const id = (span: number) => producer('a', span).spanId;

  test('are one where all messages come from one send, which stands for no single message', () => {
    const batch = [from(producer('a', 1)), from(producer('a', 1))];
    expect(spans(batch)).toEqual({ complete: true, distinct: [[id(1), undefined]] });
  });

  test('are each once, in the order of their first message', () => {
    const [first, second, third] = [from(producer('a', 2)), from(producer('a', 1)), from(producer('a', 2))];
    expect(spans([first, second, third])).toEqual({
      complete: true,
      distinct: [
        [id(2), undefined],
        [id(1), second],
      ],
    });
  });

  test('are distinct in the same trace, and in other traces with the same span id', () => {
    const { distinct } = producersOf([from(producer('a', 1)), from(producer('b', 1))], ROOT_CONTEXT);
    expect(distinct.map(({ span }) => span.traceId[0])).toEqual(['a', 'b']);
  });

  test.each<[string, object]>([
    ['has no headers', { offset: '0' }],
    ['has none of ours', { offset: '0', headers: { id: '1' } }],
    ['has baggage only', { offset: '0', headers: { baggage: 'tenant=acme' } }],
    ['has garbage', { offset: '0', headers: { traceparent: 'garbage' } }],
  ])('are incomplete where a message %s', (_what, without) => {
    const known = from(producer('a', 1));
    for (const batch of [
      [known, without],
      [without, known],
      [without, known, without],
    ])
      // prettier-ignore
      expect(spans(batch as { offset: string }[])).toEqual({ complete: false, distinct: [[id(1), known]] });
  });

  test('are none in an empty batch', () => {
    expect(spans([])).toEqual({ complete: false, distinct: [] });
  });

  test('are read from strings and bytes alike', () => {
    const text = { offset: '0', headers: { Traceparent: traceparent(producer('a', 1)) } };
    expect(spans([text, from(producer('a', 1))]).distinct).toEqual([[id(1), undefined]]);
  });

  test('come with the baggage that all of their messages share', () => {
    const message = from(producer('a'), { baggage: 'tenant=acme' });
    const [only] = producersOf([message, message], ROOT_CONTEXT).distinct;
    expect(baggageIn(only?.context ?? ROOT_CONTEXT)).toEqual({ tenant: 'acme' });
  });

  test('come without baggage where messages of one send carry different ones: none of them is that of the batch', () => {
    const baggage = (tenant: string) => from(producer('a'), { baggage: `tenant=${tenant}` });
    for (const batch of [
      [baggage('x'), baggage('y')],
      [baggage('x'), from(producer('a'))],
    ]) {
      // prettier-ignore
      const { distinct, complete } = producersOf(batch, ROOT_CONTEXT);
      expect(complete).toBe(true);
      expect(distinct.map(({ span, only, context }) => [span.spanId, only, baggageIn(context)])).toEqual([
        [id(1), undefined, {}],
      ]);
    }
  });
});
