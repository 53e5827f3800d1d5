import { Measurements } from '../../../viewer/src/store/measurements';
import { Traces } from '../../../viewer/src/store/traces';
import type { ReceivedMetric, ReceivedPoint } from '../../support/otlp';
import { paid } from './story';

const point = (
  second: number,
  value: number,
  attributes: ReceivedPoint['attributes'] = {},
): ReceivedPoint => ({
  attributes,
  time: BigInt(second) * 1_000_000_000n,
  value,
});

const metric = (name: string, service: string, ...points: ReceivedPoint[]): ReceivedMetric => ({
  name,
  service,
  points,
  description: '',
  unit: '',
  kind: 'gauge',
  monotonic: false,
  temporality: 'unspecified',
  resource: {},
  scope: 'test',
});

const place = (partition: string, group = 'payers') => ({
  'messaging.consumer.group.name': group,
  'messaging.destination.name': 'orders',
  'messaging.destination.partition.id': partition,
});
const sent = (second: number, ...totals: number[]) =>
  metric('messaging.client.sent.messages', 'api', ...totals.map(total => point(second, total)));
const lag = (second: number, ...lags: number[]) =>
  metric(
    'kafka.consumer.records_lag',
    'worker',
    ...lags.map((behind, at) => point(second, behind, place(String(at)))),
  );

test('a counter becomes messages per second over all topics, from its second export on', () => {
  const measurements = new Measurements();
  measurements.add([sent(100, 10, 5)]);
  measurements.add([sent(102, 30, 7)]);
  expect(measurements.frames()).toEqual([{ at: 102, values: { 'sent api': 11 } }]);
});

test('after a restart, the rate of a counter is its new value, never negative', () => {
  const measurements = new Measurements();
  measurements.add([sent(100, 500)]);
  measurements.add([sent(101, 20)]);
  expect(measurements.frames()).toEqual([{ at: 101, values: { 'sent api': 20 } }]);
});

test('the lag of a group is the sum over its partitions, its time lag the maximum', () => {
  const measurements = new Measurements();
  const timeLag = metric(
    'kafka.consumer.time_lag',
    'worker',
    point(100, 1.5, place('0')),
    point(100, 4, place('10')),
    point(100, 9, place('0', 'others')),
  );
  measurements.add([lag(100, 3, 4), timeLag]);
  expect(measurements.frames()).toEqual([
    { at: 100, values: { 'lag payers': 7, 'timeLag payers': 4, 'lag others': 0, 'timeLag others': 9 } },
  ]);
  expect(measurements.partitions.map(({ group, partition, lag }) => [group, partition, lag])).toEqual([
    ['others', '0', 0],
    ['payers', '0', 3],
    ['payers', '1', 4],
    ['payers', '10', 0],
  ]);
});

test('five minutes of data are kept, and unrelated metrics are ignored', () => {
  const measurements = new Measurements();
  for (let second = 1; second <= 1_000; second++) measurements.add([lag(second, second)]);
  measurements.add([metric('messaging.process.duration', 'worker', point(1_001, 1))]);
  const frames = measurements.frames();
  expect(frames).toHaveLength(300);
  expect(frames.at(-1)).toEqual({ at: 1_000, values: { 'lag payers': 1_000, 'timeLag payers': 0 } });
});

test('late spans do not recreate an evicted trace', () => {
  const traces = new Traces(2);
  traces.add([...paid('a', 'first').slice(0, 2), ...paid('b', 'second'), ...paid('c', 'third')]);
  expect(traces.ids).toEqual(['second', 'third']);
  expect([...traces.add(paid('a', 'first').slice(2))]).toEqual([]);
  expect(traces.ids).toEqual(['second', 'third']);
});
