import { ROOT_CONTEXT, createContextKey, propagation, type SpanContext } from '@opentelemetry/api';
import fc from 'fast-check';
import { originsOf } from '../../../src/propagation/batch-origins';
import { extractContext, originOf } from '../../../src/propagation/extract';
import { baggageIn, client, producer, traceparent, useTracing } from '../core/tracing';

useTracing();

const KEY = createContextKey('application');

/** Creates a message with the context of a producer's span, as kafkajs delivers it. */
const from = (span: SpanContext, headers: Record<string, unknown> = {}) => ({
  offset: '0',
  headers: { traceparent: Buffer.from(traceparent(span)), ...headers },
});

const originsIn = (messages: readonly object[]) => originsOf(client.messages, messages, ROOT_CONTEXT);

describe('the origins of a batch', () => {
  const spans = (messages: readonly object[]) => {
    const { origins, isComplete } = originsIn(messages);
    return { isComplete, origins: origins.map(({ span, only }) => [span.spanId, only]) };
  };
  const id = (span: number) => producer('a', span).spanId;

  test('are one, without a message, if all messages come from one send', () => {
    const batch = [from(producer('a', 1)), from(producer('a', 1))];
    expect(spans(batch)).toEqual({ isComplete: true, origins: [[id(1), undefined]] });
  });

  test('are unique, in the order of their first messages', () => {
    const [first, second, third] = [from(producer('a', 2)), from(producer('a', 1)), from(producer('a', 2))];
    expect(spans([first, second, third])).toEqual({
      isComplete: true,
      origins: [
        [id(2), undefined],
        [id(1), second],
      ],
    });
  });

  test('are distinct in traces with the same span id', () => {
    const { origins } = originsIn([from(producer('a', 1)), from(producer('b', 1))]);
    expect(origins.map(({ span }) => span.traceId[0])).toEqual(['a', 'b']);
  });

  test.each<[string, object]>([
    ['has no headers', { offset: '0' }],
    ['has no trace headers', { offset: '0', headers: { id: '1' } }],
    ['has baggage only', { offset: '0', headers: { baggage: 'tenant=acme' } }],
    ['has garbage', { offset: '0', headers: { traceparent: 'garbage' } }],
  ])('are incomplete if a message %s', (_what, without) => {
    const known = from(producer('a', 1));
    for (const batch of [
      [known, without],
      [without, known],
      [without, known, without],
    ])
      expect(spans(batch)).toEqual({ isComplete: false, origins: [[id(1), known]] });
  });

  test('are none for an empty batch', () => {
    expect(spans([])).toEqual({ isComplete: false, origins: [] });
  });

  test('are read from strings and bytes alike', () => {
    const text = { offset: '0', headers: { Traceparent: traceparent(producer('a', 1)) } };
    expect(spans([text, from(producer('a', 1))]).origins).toEqual([[id(1), undefined]]);
  });

  test('come with the baggage that all of their messages share', () => {
    const message = from(producer('a'), { baggage: 'tenant=acme' });
    const [only] = originsIn([message, message]).origins;
    expect(baggageIn(only?.context ?? ROOT_CONTEXT)).toEqual({ tenant: 'acme' });
  });

  test('come without baggage if messages of one send differ in their baggage', () => {
    const baggage = (tenant: string, name = 'baggage') =>
      from(producer('a'), { [name]: Buffer.from(`tenant=${tenant}`) });
    for (const batch of [
      [baggage('x'), baggage('y')],
      [baggage('x'), from(producer('a'))],
      [from(producer('a')), baggage('x')],
      [baggage('x', 'Baggage'), baggage('y', 'Baggage')],
      [baggage('x', 'Baggage'), baggage('y')],
    ]) {
      const { origins, isComplete } = originsIn(batch);
      expect(isComplete).toBe(true);
      expect(origins.map(({ span, only, context }) => [span.spanId, only, baggageIn(context)])).toEqual([
        [id(1), undefined, {}],
      ]);
    }
  });

  test('extend the base context', () => {
    const base = ROOT_CONTEXT.setValue(KEY, 'kept');
    const { origins } = originsOf(client.messages, [from(producer('a'))], base);
    expect(origins.map(({ context }) => context.getValue(KEY))).toEqual(['kept']);
  });

  test('are none without a propagator', () => {
    const fields = jest.spyOn(propagation, 'fields').mockReturnValue([]);
    expect(spans([from(producer('a'))])).toEqual({ isComplete: false, origins: [] });
    fields.mockRestore();
  });

  test('are the same as for each message alone, in any mixture', () => {
    const span = fc.record({
      trace: fc.constantFrom('a', 'b'),
      id: fc.integer({ min: 1, max: 3 }),
      isSampled: fc.boolean(),
    });
    const traced = fc
      .tuple(span, fc.constantFrom('traceparent', 'Traceparent'), fc.boolean(), fc.option(fc.constant('x=1')))
      .map(([{ trace, id: number, isSampled }, name, isText, tracestate]) => {
        const text = traceparent(producer(trace, number, isSampled));
        return {
          offset: '0',
          headers: { [name]: isText ? text : Buffer.from(text), ...(tracestate && { tracestate }) },
        };
      });
    const other = fc.constantFrom<object>(
      { offset: '0' },
      { offset: '0', headers: { id: '1' } },
      { offset: '0', headers: { traceparent: 'garbage' } },
    );
    const idOf = ({ traceId, spanId }: SpanContext) => traceId + spanId;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 4, arbitrary: traced }, other), { maxLength: 12 }),
        messages => {
          const each = messages.map(message => originOf(extractContext(message)));
          const known = each.filter(found => found !== undefined);
          const { origins, isComplete } = originsIn(messages);
          expect(isComplete).toBe(messages.length > 0 && known.length === messages.length);
          expect(origins.map(origin => idOf(origin.span))).toEqual([...new Set(known.map(idOf))]);
          for (const origin of origins) {
            const own = messages.filter((_, index) => {
              const found = each[index];
              return found && idOf(found) === idOf(origin.span);
            });
            expect(origin.only).toBe(own.length === 1 ? own[0] : undefined);
          }
        },
      ),
    );
  });
});

describe('with more origins than the limit', () => {
  const limited = (messages: readonly object[], limit = 2) =>
    originsOf(client.messages, messages, ROOT_CONTEXT, limit);
  const unsampled = (span: number) => from(producer('a', span, false));

  test('sampled ones come first, each in the order of their messages', () => {
    const messages = [unsampled(1), unsampled(2), from(producer('a', 3)), unsampled(4)];
    expect(limited(messages).origins.map(({ span }) => span)).toEqual([
      producer('a', 3),
      producer('a', 1, false),
    ]);
  });

  test('reading stops once enough are sampled', () => {
    const messages = [1, 2, 3, 4].map(span => from(producer('a', span)));
    const receivedHeaders = jest.fn((message: unknown) => client.messages.receivedHeaders(message));
    const { origins } = originsOf({ receivedHeaders }, messages, ROOT_CONTEXT, 2);
    expect(origins.map(({ span }) => span)).toEqual([producer('a', 1), producer('a', 2)]);
    expect(receivedHeaders).toHaveBeenCalledTimes(2);
  });

  test('they are incomplete, and none stands for a single message', () => {
    const { origins, isComplete } = limited([1, 2, 3].map(span => from(producer('a', span))));
    expect(isComplete).toBe(false);
    expect(origins.map(({ only }) => only)).toEqual([undefined, undefined]);
  });
});
