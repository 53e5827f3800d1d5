import { metricFaults } from '../../conformance/metrics';
import type { Attributes, ReceivedMetric } from '../../support/otlp';
import { metrics, type MetricRole } from './samples';

const faultsOf = (metric: ReceivedMetric) => metricFaults(metric).map(({ message }) => message);

/** Returns a correct metric with other attributes on its points. `undefined` removes an attribute. */
function having(role: MetricRole, attributes: Readonly<Record<string, unknown>>): ReceivedMetric {
  const points = metrics[role].points.map(point => ({
    ...point,
    attributes: Object.fromEntries(
      Object.entries({ ...point.attributes, ...attributes }).filter(([, value]) => value !== undefined),
    ) as Attributes,
  }));
  return { ...metrics[role], points };
}

function valued(role: MetricRole, value: object): ReceivedMetric {
  return { ...metrics[role], points: metrics[role].points.map(point => ({ ...point, ...value })) };
}

test.each(Object.keys(metrics) as MetricRole[])('the good metric %s passes', role => {
  expect(faultsOf(metrics[role])).toEqual([]);
});

test.each<readonly [string, ReceivedMetric, RegExp]>([
  ['an unknown name', { ...metrics.lag, name: 'kafka.consumer.lag' }, /neither in the conventions nor in/],
  [
    'a deprecated name',
    { ...metrics.sent, name: 'messaging.client.published.messages' },
    /neither in the conventions nor in/,
  ],
  ['another unit', { ...metrics.duration, unit: 'ms' }, /unit must be s, not "ms"/],
  ['no unit', { ...metrics.sent, unit: '' }, /unit must be \{message\}, not ""/],
  ['no description', { ...metrics.sent, description: '' }, /has no description/],
  ['another instrument', { ...metrics.lag, kind: 'sum' }, /must be a gauge, not a sum/],
  ['a counter that may fall', { ...metrics.sent, monotonic: false }, /must be a counter, not a sum/],
  ['other boundaries', valued('duration', { bounds: [1, 2] }), /boundaries must be \[0\.005.*, not \[1,2\]/],
  ['a negative lag', valued('lag', { value: -1 }), /value is negative: -1/],
  ['half a message', valued('sent', { value: 0.5 }), /must be an integer, not 0\.5/],
  ['no system', having('sent', { 'messaging.system': undefined }), /neither messaging\.system nor/],
  ['no operation', having('sent', { 'messaging.operation.name': undefined }), /operation\.name is required/],
  [
    'no partition of a lag',
    having('lag', { 'messaging.destination.partition.id': undefined }),
    /id is required/,
  ],
  [
    'a partition as a number',
    having('lag', { 'messaging.destination.partition.id': 1 }),
    /of type string, not 1/,
  ],
  [
    'a partition that it does not need',
    having('sent', { 'messaging.destination.partition.id': '1' }),
    /not an attribute of this metric/,
  ],
  [
    'a broker',
    having('duration', { 'server.address': 'kafka-1' }),
    /server\.address is not an attribute of this metric/,
  ],
  [
    'a client',
    having('sent', { 'messaging.client.id': 'shop' }),
    /client\.id is not an attribute of this metric/,
  ],
  ['an unknown attribute', having('sent', { colour: 'red' }), /colour is neither in the conventions/],
  ['a name of v1.45 in v1.44', having('lag', { 'kafka.cluster.id': 'c' }), /does not belong to v1\.44/],
  [
    'a failed delivery',
    having('consumed', { 'error.type': 'Error' }),
    /error\.type is not an attribute of this metric/,
  ],
  ['a crash without cause', having('crashes', { 'error.type': undefined }), /error\.type is required/],
])('a metric is rejected for %s', (_, metric, message) => {
  expect(faultsOf(metric)).toContainEqual(expect.stringMatching(message));
});
