import type { ReceivedMetric, ReceivedPoint } from '../../../support/otlp';
import { Exposition } from '../../../support/prometheus/exposition';

const point = (value: number, rest: Partial<ReceivedPoint> = {}): ReceivedPoint => ({
  attributes: {},
  time: 1_700_000_000_123_456_789n,
  value,
  ...rest,
});

const metric = (name: string, rest: Partial<ReceivedMetric> = {}): ReceivedMetric => ({
  name,
  description: '',
  unit: '',
  kind: 'gauge',
  monotonic: false,
  temporality: 'cumulative',
  points: [point(1)],
  resource: { 'service.name': 'shop' },
  service: 'shop',
  scope: 'test',
  ...rest,
});

function textOf(metrics: readonly ReceivedMetric[], promoted?: readonly string[]): string[] {
  const exposition = new Exposition(promoted);
  exposition.receive(metrics);
  return exposition.text.trimEnd().split('\n');
}

test('a point becomes a sample with its attributes and service as labels and its timestamp', () => {
  const attributes = { 'error.type': 'a "b"\n\\', restarts: true, tries: 3n };
  expect(textOf([metric('x', { points: [point(0.5, { attributes })] })])).toEqual([
    'x{error_type="a \\"b\\"\\n\\\\",restarts="true",tries="3",job="shop",instance=""} 0.5 1700000000123',
  ]);
});

test('the buckets of a histogram are cumulative', () => {
  const points = [point(7, { count: 6, bounds: [0.1, 1], buckets: [1, 2, 3] })];
  expect(textOf([metric('x', { kind: 'histogram', points })])).toEqual([
    'x_bucket{le="0.1",job="shop",instance=""} 1 1700000000123',
    'x_bucket{le="1",job="shop",instance=""} 3 1700000000123',
    'x_bucket{le="+Inf",job="shop",instance=""} 6 1700000000123',
    'x_sum{job="shop",instance=""} 7 1700000000123',
    'x_count{job="shop",instance=""} 6 1700000000123',
  ]);
});

test('service.namespace and service.instance.id become job and instance; target_info has the other resource attributes', () => {
  const resource = {
    'service.namespace': 'eu',
    'service.name': 'shop',
    'service.instance.id': 'one',
    'host.name': 'h',
  };
  expect(textOf([metric('x', { resource }), metric('y', { resource })], ['host.name'])).toEqual([
    'x{job="eu/shop",instance="one",host_name="h"} 1 1700000000123',
    'target_info{host_name="h",job="eu/shop",instance="one"} 1 1700000000123',
    'y{job="eu/shop",instance="one",host_name="h"} 1 1700000000123',
  ]);
});

test('only the latest export of a metric per process is exposed', () => {
  const other = { 'service.name': 'other' };
  expect(
    textOf([metric('x'), metric('x', { resource: other }), metric('x', { points: [point(2)] })]),
  ).toEqual(['x{job="shop",instance=""} 2 1700000000123', 'x{job="other",instance=""} 1 1700000000123']);
});

test('a metric that cannot be converted causes an error', () => {
  expect(() => textOf([metric('x', { kind: 'exponentialHistogram' })])).toThrow('x is of the kind');
  expect(() => textOf([metric('x', { kind: 'sum', temporality: 'delta' })])).toThrow('x is a delta');
});
