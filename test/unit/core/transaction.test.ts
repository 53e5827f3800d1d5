import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { startTransaction } from '../../../src/core/transaction';
import { client, contextOf, producer, stranger, useTracing } from './tracing';

const tracing = useTracing();
const start = () => startTransaction(tracing.runtime(), client);

test.each(['committed', 'aborted', 'unknown', 'abandoned'] as const)(
  'a transaction is one span, and tells that it was %s',
  outcome => {
    start().end(outcome);
    expect(tracing.spans()).toEqual([
      expect.objectContaining({
        name: 'transaction',
        kind: 'INTERNAL',
        parent: undefined,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.client.id': 'shop',
          'messaging.kafka.cluster.id': 'cluster-1',
          'kafka.transaction.outcome': outcome,
        },
        links: [],
        status: { code: 'UNSET' },
        events: [],
      }),
    ]);
  },
);

test('what is not known of its client is left out, and so is the outcome of one that never began', () => {
  startTransaction(tracing.runtime(), stranger).end();
  expect(tracing.spans().map(span => span.attributes)).toEqual([{ 'messaging.system': 'kafka' }]);
});

test('it is a child of what was active when it began', () => {
  context.with(contextOf(producer('a')), start).end('committed');
  expect(tracing.spans()).toEqual([
    expect.objectContaining({ traceId: producer('a').traceId, parent: producer('a').spanId }),
  ]);
});

test('what happens inside it is its child, whatever else is active, and keeps the baggage', () => {
  const transaction = start();
  const active = transaction.within(contextOf(producer('a'), { tenant: 'acme' }, ROOT_CONTEXT));
  trace.getTracer('test').startSpan('inside', {}, active).end();
  transaction.end('committed');
  const [inside, outer] = tracing.spans();
  expect(inside?.parent).toBe(outer?.spanId);
});

test('it ends once, however often that is said', () => {
  const { tracer } = tracing.runtime();
  const span = tracer.startSpan('transaction');
  const end = jest.spyOn(span, 'end');
  const startSpan = () => span;
  const telemetry = tracing.runtime({}, { tracer: { startSpan, startActiveSpan: jest.fn() } });
  const transaction = startTransaction(telemetry, client);
  transaction.end('committed');
  transaction.end('aborted');
  transaction.failed(new Error('late'));
  expect(end).toHaveBeenCalledTimes(1);
  expect(tracing.spans()).toEqual([
    expect.objectContaining({
      attributes: expect.objectContaining({ 'kafka.transaction.outcome': 'committed' }) as unknown,
      status: { code: 'UNSET' },
    }),
  ]);
});

test('a failure is recorded, and the transaction goes on', () => {
  const transaction = start();
  transaction.failed(new TypeError('commit'));
  expect(tracing.spans()).toEqual([]);
  transaction.end('aborted');
  expect(tracing.spans()).toEqual([
    expect.objectContaining({
      attributes: expect.objectContaining({
        'error.type': 'TypeError',
        'kafka.transaction.outcome': 'aborted',
      }) as unknown,
      status: { code: 'ERROR', message: 'commit' },
    }),
  ]);
});
