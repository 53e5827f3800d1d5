import { ROOT_CONTEXT, context, createContextKey, trace } from '@opentelemetry/api';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { eventContextExtractor, eventLinks } from '../../../src/core/lambda-event';
import { eventOf, whileEnabled, type EventRecord } from './lambda';
import { baggageIn, producer, traceparent, useTracing } from './tracing';

const tracing = useTracing();

const from = (span: ReturnType<typeof producer>, topic = 'orders'): EventRecord => ({
  topic,
  headers: [{ traceparent: [...Buffer.from(traceparent(span))] }],
});
const event = (...records: readonly unknown[]) => ({ records: { 'orders-0': records } });
const parentOf = (received: unknown) => trace.getSpanContext(eventContextExtractor(received));
const linkedBy = (received: unknown) => eventLinks(received).map(link => link.context);

describe('the parent of an invocation', () => {
  test('is the producer, if all records come from one, and its baggage is active', () => {
    const extracted = eventContextExtractor(eventOf('msk'));
    expect(trace.getSpanContext(extracted)).toEqual(producer('a'));
    expect(baggageIn(extracted)).toEqual({ tenant: 'acme' });
  });

  test.each<[string, unknown]>([
    ['several producers', eventOf('self-managed')],
    ['two spans of one trace', event(from(producer('a', 1)), from(producer('a', 2)))],
    ['a producer and a record without context', event(from(producer('a')), { topic: 'orders' })],
    ['records without context', event({ topic: 'orders', headers: [] })],
    ['no records', event()],
    ['a value that is not a record', event(null)],
  ])('is none for an event of %s', (_what, received) => {
    expect(eventContextExtractor(received)).toBe(ROOT_CONTEXT);
  });

  test.each<[string, KafkaInstrumentationConfig]>([
    ['propagation', { propagation: 'inject' }],
    ['consumerContext', { consumerContext: 'link' }],
  ])('is none if the option %s forbids it', (_option, config) => {
    whileEnabled(tracing.runtime(config), () => {
      expect(eventContextExtractor(eventOf('msk'))).toBe(ROOT_CONTEXT);
    });
  });

  test.each<[string, unknown]>([
    ['an HTTP request', { headers: { traceparent: traceparent(producer('c')) } }],
    [
      'a request and records in a list',
      { records: [{}], headers: { traceparent: traceparent(producer('c')) } },
    ],
  ])('is the one in the headers of %s', (_what, received) => {
    expect(parentOf(received)).toEqual(producer('c'));
  });

  test.each([undefined, null, 'text', {}, { Records: [{ eventSource: 'aws:sqs' }] }, { records: {} }])(
    'is that of the active context for %p',
    received => {
      const active = ROOT_CONTEXT.setValue(createContextKey('own'), 1);
      expect(context.with(active, () => eventContextExtractor(received))).toBe(active);
    },
  );

  test('is none if an event throws', () => {
    const hostile = { get records() { throw new Error('theirs'); } }; // prettier-ignore
    expect(eventContextExtractor(hostile)).toBe(ROOT_CONTEXT);
    expect(eventLinks(hostile)).toEqual([]);
  });
});

describe('the links of an invocation', () => {
  test('lead to each producer once', () => {
    expect(linkedBy(eventOf('msk'))).toEqual([producer('a')]);
    expect(linkedBy(eventOf('self-managed'))).toEqual([producer('a'), producer('b')]);
  });

  test('are at most 128, sampled ones first', () => {
    const unsampled = Array.from({ length: 200 }, (_, index) => from(producer('a', index + 1, false)));
    const links = linkedBy(event(...unsampled, from(producer('b'))));
    expect(links).toHaveLength(128);
    expect(links[0]).toEqual(producer('b'));
  });

  test('leave out topics whose headers must not be read, but not those that are only linked', () => {
    const config: KafkaInstrumentationConfig = {
      propagation: [{ topics: 'partner', use: false }],
      consumerContext: 'link',
    };
    whileEnabled(tracing.runtime(config), () => {
      expect(linkedBy(event(from(producer('a'), 'partner'), from(producer('b'))))).toEqual([producer('b')]);
    });
  });

  test.each([undefined, {}, { Records: [] }, event()])('are none for %p', received => {
    expect(eventLinks(received)).toEqual([]);
  });
});
