import type { ReceivedMetric, ReceivedPoint } from '../../support/otlp';
import { Measurements } from '../../../viewer/src/store/measurements';
import { receivedSpan } from '../support/received';

/** Seconds of Unix time. Metrics must be recent, because rates are computed for the last seconds. */
const NOW = Math.floor(Date.now() / 1000) + 100;
beforeEach(() => {
  jest.useFakeTimers({ now: NOW * 1000 });
});
afterEach(() => {
  jest.useRealTimers();
});
const nanos = (second: number) => BigInt(Math.round(second * 1000)) * 1_000_000n;

const point = (at: number, value: number, attributes: ReceivedPoint['attributes'] = {}, start?: number) => ({
  attributes,
  time: nanos(at),
  value,
  ...(start === undefined ? {} : { start: nanos(start) }),
});

const metric = (
  name: string,
  service: string,
  points: readonly ReceivedPoint[],
  fields: Partial<ReceivedMetric> = {},
): ReceivedMetric => ({
  name,
  service,
  points,
  description: '',
  unit: '',
  kind: 'sum',
  monotonic: true,
  temporality: 'cumulative',
  resource: { 'service.instance.id': 'one' },
  scope: 'test',
  ...fields,
});

const topic = { 'messaging.destination.name': 'orders' };
const place = (partition: string, group = 'payers') => ({
  ...topic,
  'messaging.consumer.group.name': group,
  'messaging.destination.partition.id': partition,
});
const sent = (at: number, total: number, fields: Partial<ReceivedMetric> = {}) =>
  metric('messaging.client.sent.messages', 'api', [point(at, total, topic)], fields);
const gauge = (name: string, points: readonly ReceivedPoint[], instance = 'one') =>
  metric(name, 'worker', points, { kind: 'gauge', resource: { 'service.instance.id': instance } });

test('a counter is spread over the seconds since the previous export, so that no message is lost or counted twice', () => {
  const measurements = new Measurements();
  measurements.add([sent(NOW - 9, 100)]);
  measurements.add([sent(NOW - 7, 110)]);
  measurements.add([sent(NOW - 6.5, 111)]);
  expect(measurements.frames()).toEqual([
    { at: NOW - 9, values: { 'sent api': 5 } },
    { at: NOW - 8, values: { 'sent api': 5 } },
    { at: NOW - 7, values: { 'sent api': 1 } },
  ]);
  expect(measurements.map().edges).toMatchObject([{ total: 11, rate: 1.1, source: 'metrics' }]);
});

test('a counter that started after the viewer counts from 0; what was counted before the viewer started is left out', () => {
  const measurements = new Measurements();
  const started = metric('messaging.client.sent.messages', 'api', [point(NOW + 2, 8, topic, NOW + 1)]);
  const older = metric('messaging.client.sent.messages', 'old', [point(NOW + 2, 500, topic, NOW - 900)]);
  measurements.add([started, older]);
  expect(measurements.map().edges).toMatchObject([{ from: 'service:api', to: 'topic:orders', total: 8 }]);
});

test('after a restart, a counter counts from 0', () => {
  const measurements = new Measurements();
  measurements.add([sent(NOW - 3, 500)]);
  measurements.add([sent(NOW - 2, 20)]);
  measurements.add([sent(NOW - 1, 25)]);
  expect(measurements.map().edges).toMatchObject([{ total: 25 }]);
});

test('delta and cumulative temporality give the same totals, also of two instances', () => {
  const measurements = new Measurements();
  const delta = { temporality: 'delta', resource: { 'service.instance.id': 'two' } } as const;
  measurements.add([sent(NOW - 4, 7), sent(NOW - 4, 3, delta)]);
  measurements.add([sent(NOW - 3, 9), sent(NOW - 3, 4, delta)]);
  expect(measurements.map().edges).toMatchObject([{ kind: 'send', total: 9 }]);
});

test('the map goes from services over topics and groups to services, with lag on the way to the group', () => {
  const measurements = new Measurements();
  const consumed = (at: number, total: number) =>
    metric('messaging.client.consumed.messages', 'worker', [point(at, total, place(''))]);
  const lag = gauge('kafka.consumer.records_lag', [
    point(NOW - 1, 3, place('0')),
    point(NOW - 1, 4, place('1')),
  ]);
  const timeLag = gauge('kafka.consumer.time_lag', [point(NOW - 1, 1.5, place('0'))]);
  measurements.add([sent(NOW - 2, 0), consumed(NOW - 2, 0)]);
  measurements.add([sent(NOW - 1, 10), consumed(NOW - 1, 6), lag, timeLag]);
  const { nodes, edges } = measurements.map();
  expect(nodes.map(({ id, services }) => [id, services])).toEqual([
    ['service:api', []],
    ['topic:orders', []],
    ['service:worker', []],
    ['group:payers', ['worker']],
  ]);
  expect(edges).toEqual([
    {
      kind: 'send',
      from: 'service:api',
      to: 'topic:orders',
      total: 10,
      rate: 1,
      errors: 0,
      source: 'metrics',
    },
    {
      kind: 'receive',
      from: 'topic:orders',
      to: 'group:payers',
      total: 6,
      rate: 0.6,
      errors: 0,
      source: 'metrics',
      lag: 7,
      timeLag: 1.5,
    },
    {
      kind: 'run',
      from: 'group:payers',
      to: 'service:worker',
      total: 6,
      rate: 0.6,
      errors: 0,
      source: 'metrics',
    },
  ]);
});

const process = (id: string, fields: Parameters<typeof receivedSpan>[1] = {}) =>
  receivedSpan(id, {
    kind: 'CONSUMER',
    service: 'worker',
    start: nanos(NOW - 2),
    end: nanos(NOW - 1.9),
    resource: { 'service.instance.id': 'one' },
    attributes: { ...place('0'), 'messaging.operation.type': 'process', 'messaging.client.id': 'c1' },
    ...fields,
  });

test('without metrics of a service, its figures come from its spans; a message in a batch is counted once', () => {
  const measurements = new Measurements();
  const batch = process('batch', {
    attributes: { ...place('0'), 'messaging.operation.type': 'process', 'messaging.batch.message_count': 5 },
  });
  const one = process('one of the batch', { parentSpanId: 'batch', status: { code: 'ERROR', message: '' } });
  measurements.addSpans([batch, one], span => (span.parentSpanId === 'batch' ? batch : undefined));
  expect(measurements.map().edges).toMatchObject([
    { kind: 'receive', total: 5, source: 'spans' },
    { kind: 'run', total: 5, source: 'spans' },
  ]);
  expect(measurements.frames()[0]?.values).toMatchObject({ 'consumed worker': 5, 'errors worker': 1 });
  measurements.add([metric('messaging.client.consumed.messages', 'worker', [point(NOW, 5, place(''), NOW)])]);
  expect(measurements.map().edges).toMatchObject([
    { kind: 'receive', total: 5, source: 'metrics' },
    { kind: 'run', total: 5, source: 'metrics' },
  ]);
});

test('a group has its members with their assignment, its partitions, and the durations of its processing', () => {
  const measurements = new Measurements();
  const assigned = { 'messaging.consumer.group.name': 'payers' };
  for (const instance of ['one', 'two'])
    measurements.add([
      gauge(
        'kafka.consumer.records_lag',
        [point(NOW, instance === 'one' ? 3 : 1, place(instance === 'one' ? '0' : '1'))],
        instance,
      ),
      gauge('kafka.consumer.assigned_partitions', [point(NOW, 1, assigned)], instance),
      gauge('kafka.consumer.heartbeat_age', [point(NOW, 0.5, assigned)], instance),
      gauge('kafka.consumer.rebalances', [point(NOW, 2, assigned)], instance),
      gauge('kafka.consumer.crashes', [point(NOW, 1, { ...assigned, 'error.type': 'E' })], instance),
    ]);
  measurements.addSpans([
    process('a'),
    process('b', { end: nanos(NOW - 1.5), status: { code: 'ERROR', message: '' } }),
  ]);
  const member = { service: 'worker', assigned: { orders: 1 }, heartbeatAge: 0.5, rebalances: 2, crashes: 1 };
  expect(measurements.groups()).toEqual([
    {
      group: 'payers',
      members: [
        { ...member, instance: 'two', lastSeen: NOW * 1000 },
        { ...member, instance: 'one', clientId: 'c1', lastSeen: NOW * 1000 },
      ],
      partitions: [
        { topic: 'orders', partition: '0', lag: 3, timeLag: 0 },
        { topic: 'orders', partition: '1', lag: 1, timeLag: 0 },
      ],
      processing: { p50: 100, p95: 500, p99: 500, count: 2, source: 'spans' },
      errors: 1,
    },
  ]);
  expect(measurements.frames(new Set([NOW]))).toEqual([
    { at: NOW, values: { 'lag payers': 4, 'timeLag payers': 0 } },
  ]);
});

describe('percentiles of the processing durations', () => {
  const bounds = [0.01, 0.1, 1];
  const duration = (at: number, buckets: readonly number[], group = 'payers', instance = 'one') => {
    const count = buckets.reduce((sum, one) => sum + one, 0);
    return metric(
      'messaging.process.duration',
      'worker',
      [{ ...point(at, 0, place('0', group)), count, bounds, buckets }],
      { kind: 'histogram', resource: { 'service.instance.id': instance } },
    );
  };
  const processing = (measurements: Measurements) => measurements.groups()[0]?.processing;

  test('come from spans if there are spans, also if a metric has the same durations', () => {
    const measurements = new Measurements();
    measurements.add([duration(NOW - 3, [0, 0, 0, 0])]);
    measurements.add([duration(NOW - 1, [0, 2, 0, 0])]);
    measurements.addSpans([process('a'), process('b')]);
    expect(processing(measurements)).toEqual({ p50: 100, p95: 100, p99: 100, count: 2, source: 'spans' });
  });

  test('come from the metric if most messages have no span; each percentile is in the right bucket', () => {
    const measurements = new Measurements();
    measurements.add([duration(NOW - 3, [0, 0, 0, 0]), duration(NOW - 3, [50, 0, 0, 0], 'payers', 'two')]);
    measurements.add([
      duration(NOW - 2, [100, 20, 0, 0]),
      duration(NOW - 2, [50, 0, 40, 0], 'payers', 'two'),
    ]);
    measurements.add([duration(NOW - 1, [100, 20, 0, 3])]);
    measurements.addSpans([process('a')]);
    expect(processing(measurements)).toEqual({
      p50: 8.15,
      p95: expect.closeTo(884.125) as number,
      p99: 1000,
      count: 163,
      source: 'metrics',
    });
    const values = Object.assign({}, ...measurements.frames().map(frame => frame.values)) as object;
    expect(measurements.frames().map(({ at }) => at)).toEqual([NOW - 2, NOW - 1]);
    expect(values).toMatchObject({ 'p50 payers': 1000, 'p99 payers': 1000 });
  });

  test('without a message in the last minute, there are none', () => {
    const measurements = new Measurements();
    measurements.add([duration(NOW - 100, [0, 0, 0, 0])]);
    measurements.add([duration(NOW - 90, [5, 0, 0, 0])]);
    measurements.add([gauge('kafka.consumer.records_lag', [point(NOW, 5, place('0'))])]);
    expect(processing(measurements)).toBeUndefined();
  });
});

test('after a rebalance, the lag of a partition is the one that its new owner reports', () => {
  const measurements = new Measurements();
  measurements.add([gauge('kafka.consumer.records_lag', [point(NOW - 20, 900, place('0'))], 'one')]);
  measurements.add([gauge('kafka.consumer.records_lag', [point(NOW, 5, place('0'))], 'two')]);
  expect(measurements.groups()[0]?.partitions).toEqual([
    { topic: 'orders', partition: '0', lag: 5, timeLag: 0 },
  ]);
});

test('five minutes of data are kept, and metrics of other libraries are ignored', () => {
  const measurements = new Measurements();
  for (let second = 1; second <= 1_000; second++)
    measurements.add([gauge('kafka.consumer.records_lag', [point(second, second, place('0'))])]);
  measurements.add([metric('http.server.request.duration', 'worker', [point(1_001, 1)])]);
  const frames = measurements.frames();
  expect(frames).toHaveLength(300);
  expect(frames.at(-1)).toEqual({ at: 1_000, values: { 'lag payers': 1_000, 'timeLag payers': 0 } });
});
