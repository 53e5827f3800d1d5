import { Traces } from '../../../viewer/src/store/traces';
import { receivedLink, receivedSpan } from '../support/received';
import { paid, paidTogether } from './story';

test('above the limit, the oldest traces go first, and their late spans do not bring them back', () => {
  const traces = new Traces(12);
  traces.add([...paid('a', 'first').slice(0, 2), ...paid('b', 'second'), ...paid('c', 'third')]);
  expect(traces.ids).not.toContain('first');
  expect([...traces.add(paid('a', 'first').slice(2, 3))]).toEqual([]);
  expect(traces.ids).not.toContain('first');
  expect(traces.spanCount).toBeLessThanOrEqual(12);
  expect(traces.removedCount).toBeGreaterThan(0);
});

test('links are found from both ends, and are forgotten with the trace that has them', () => {
  const traces = new Traces(1_000);
  expect([...traces.add(paidTogether())].sort()).toEqual(['aaaaaaaa-1', 'bbbbbbbb-2', 'cccccccc-3']);
  expect(traces.linkedFrom('aaaaaaaa-1')).toEqual(['cccccccc-3']);
  const small = new Traces(2);
  const linking = receivedSpan('batch', { traceId: 'old', links: [receivedLink('later', 'send')] });
  small.add([linking]);
  small.add([receivedSpan('send', { traceId: 'later' })]);
  expect(small.linkedFrom('later')).toEqual(['old']);
  small.add([receivedSpan('other', { traceId: 'latest' })]);
  expect(small.linkedFrom('later')).toEqual([]);
});

test('a span with much text counts as several spans', () => {
  const traces = new Traces(10);
  traces.add([receivedSpan('a', { traceId: 'small' })]);
  traces.add([receivedSpan('b', { traceId: 'large', attributes: { text: 'x'.repeat(19_000) } })]);
  expect(traces.ids).toEqual(['large']);
});

test('errors are counted by type and service, as long as their spans are stored', () => {
  const traces = new Traces(3);
  const failed = (traceId: string) =>
    receivedSpan('a', {
      traceId,
      service: 'api',
      status: { code: 'ERROR', message: '' },
      attributes: { 'error.type': 'TypeError' },
    });
  traces.add([failed('one'), failed('two')]);
  expect(traces.errors).toEqual([{ type: 'TypeError', service: 'api', count: 2, lastTrace: 'two' }]);
  traces.add([receivedSpan('b', { traceId: 'three' }), receivedSpan('c', { traceId: 'four' })]);
  expect(traces.errors).toMatchObject([{ count: 1 }]);
});

test('a hundred thousand spans with links, errors and keys leave only as many as the limit, and nothing of the others', () => {
  const traces = new Traces(2_000);
  const total = 100_000;
  for (let at = 0; at < total; at += 1_000) {
    traces.add(
      Array.from({ length: 1_000 }, (_, index) => {
        const number = at + index;
        return receivedSpan(`span-${number}`, {
          traceId: `trace-${Math.floor(number / 5)}`,
          service: 'api',
          status: { code: number % 10 === 0 ? 'ERROR' : 'UNSET', message: '' },
          attributes: { 'error.type': `E${number % 7}`, 'messaging.kafka.message.key': `key-${number}` },
          links:
            number % 5 === 0
              ? [receivedLink(`trace-${Math.floor(number / 5) - 1}`, `span-${number - 5}`)]
              : [],
        });
      }),
    );
  }
  expect(traces.spanCount).toBeGreaterThan(1_900);
  expect(traces.spanCount).toBeLessThanOrEqual(2_000);
  expect(traces.removedCount + traces.traceCount).toBe(total / 5);
  expect(traces.errors.reduce((sum, { count }) => sum + count, 0)).toBe(
    traces.spans.filter(({ status }) => status.code === 'ERROR').length,
  );
});
