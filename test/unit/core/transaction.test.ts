import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { traceTransaction, type TracedTransaction } from '../../../src/core/transaction';
import { baggageIn, client, contextOf, producer, stranger, succeeded, useTracing } from './tracing';

const tracing = useTracing();

function begin(runtime = tracing.runtime()): TracedTransaction {
  const begun: TracedTransaction[] = [];
  traceTransaction(
    runtime,
    client,
    new Set(),
    () => ({}),
    (_transaction, traced) => void begun.push(traced),
  );
  const [transaction] = begun;
  if (!transaction) throw new Error('no transaction has begun');
  return transaction;
}

const isActive = () => true;
const isOver = () => false;
const succeed = () => undefined;
const failure: Error = Object.freeze(new TypeError('commit'));
const fail = (): never => {
  throw failure;
};

test.each<[string, (transaction: TracedTransaction) => void]>([
  ['committed', transaction => { transaction.traceEnd('committed', isOver, succeed); }], // prettier-ignore
  ['aborted', transaction => { transaction.traceEnd('aborted', isOver, succeed); }], // prettier-ignore
  ['abandoned', transaction => { transaction.abandon(); }], // prettier-ignore
])('a transaction has one span, with the outcome %s', (outcome, end) => {
  end(begin());
  expect(tracing.spans()).toEqual([
    succeeded('transaction', 'INTERNAL', {
      'messaging.system': 'kafka',
      'messaging.client.id': 'shop',
      'messaging.kafka.cluster.id': 'cluster-1',
      'kafka.transaction.outcome': outcome,
    }),
  ]);
});

test('a transaction that fails to begin has a failed span without outcome or unknown attributes', () => {
  const open = new Set<TracedTransaction>();
  const begun = jest.fn();
  expect(() => traceTransaction(tracing.runtime(), stranger, open, fail, begun)).toThrow(failure);
  expect(tracing.spans()).toMatchObject([{ status: { code: 'ERROR', message: 'commit' } }]);
  expect(tracing.spans()[0]?.attributes).toEqual({ 'messaging.system': 'kafka', 'error.type': 'TypeError' });
  expect([open.size, begun.mock.calls.length]).toEqual([0, 0]);
});

test('the parent of a transaction is the span that was active when it began', () => {
  context.with(contextOf(producer('a')), () => begin()).abandon();
  expect(tracing.spans()).toMatchObject([{ traceId: producer('a').traceId, parent: producer('a').spanId }]);
});

test('spans inside a transaction are its children, whatever span is active, and keep the baggage', () => {
  const transaction = begin();
  const active = transaction.contextOver(contextOf(producer('a'), { tenant: 'acme' }, ROOT_CONTEXT));
  trace.getTracer('test').startSpan('inside', {}, active).end();
  transaction.abandon();
  const [inside, outer] = tracing.spans();
  expect(inside?.parent).toBe(outer?.spanId);
  expect(baggageIn(active)).toEqual({ tenant: 'acme' });
});

test('a transaction ends only once', () => {
  const { tracer } = tracing.runtime();
  const span = tracer.startSpan('transaction');
  const end = jest.spyOn(span, 'end');
  const transaction = begin(
    tracing.runtime({}, { tracer: { startSpan: () => span, startActiveSpan: jest.fn() } }),
  );
  transaction.traceEnd('committed', isOver, succeed);
  transaction.abandon();
  expect(() => { transaction.traceEnd('aborted', isOver, fail); }).toThrow(failure); // prettier-ignore
  expect(end).toHaveBeenCalledTimes(1);
  expect(tracing.spans()).toEqual([
    expect.objectContaining({
      attributes: expect.objectContaining({ 'kafka.transaction.outcome': 'committed' }) as unknown,
      status: { code: 'UNSET' },
    }),
  ]);
});

test('a failed commit is recorded, and the transaction continues if the library allows another attempt', () => {
  const transaction = begin();
  expect(() => { transaction.traceEnd('committed', isActive, fail); }).toThrow(failure); // prettier-ignore
  expect(tracing.spans()).toEqual([]);
  transaction.traceEnd('aborted', isOver, succeed);
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

test('the outcome of a transaction is unknown after a failed commit that cannot be repeated', () => {
  expect(() => { begin().traceEnd('committed', isOver, fail); }).toThrow(failure); // prettier-ignore
  expect(tracing.spans()).toMatchObject([{ attributes: { 'kafka.transaction.outcome': 'unknown' } }]);
});

test('the outcome of a transaction is unknown if its producer disconnects after a failed commit, whatever the abort did', () => {
  const transaction = begin();
  expect(() => { transaction.traceEnd('committed', isActive, fail); }).toThrow(failure); // prettier-ignore
  expect(() => { transaction.traceEnd('aborted', isActive, fail); }).toThrow(failure); // prettier-ignore
  transaction.abandon();
  expect(tracing.spans()).toMatchObject([{ attributes: { 'kafka.transaction.outcome': 'unknown' } }]);
});

test('a transaction without a commit is abandoned if its producer disconnects after a failed abort', () => {
  const transaction = begin();
  expect(() => { transaction.traceEnd('aborted', isActive, fail); }).toThrow(failure); // prettier-ignore
  transaction.abandon();
  expect(tracing.spans()).toMatchObject([{ attributes: { 'kafka.transaction.outcome': 'abandoned' } }]);
});

test('a second end while the first is pending changes nothing', async () => {
  const transaction = begin();
  const committed = transaction.traceEnd('committed', isOver, () => Promise.resolve());
  expect(() => { transaction.traceEnd('aborted', isOver, fail); }).toThrow(failure); // prettier-ignore
  transaction.abandon();
  await committed;
  expect(tracing.spans()).toMatchObject([
    { attributes: { 'kafka.transaction.outcome': 'committed' }, status: { code: 'UNSET' } },
  ]);
});

test('if the span of a transaction cannot be started, sends inside belong to the active span', () => {
  const startSpan = (): never => {
    throw new Error('ours');
  };
  const transaction = begin(tracing.runtime({}, { tracer: { startSpan, startActiveSpan: jest.fn() } }));
  const active = contextOf(producer('a'));
  expect(transaction.contextOver(active)).toBe(active);
  transaction.traceEnd('committed', isOver, succeed);
  expect(tracing.logged).toEqual(['transaction: ours']);
});
