import { createTopics } from '../../support/topics';
import { run } from '../flow/run';

interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
}
type Metrics = Readonly<Record<string, readonly Point[]>>;

const ROLES = { early: 1, plain: 1, lossy: 1, routed: 1, large: 1, batched: 1 };

const SENT = 'messaging.client.sent.messages';
const CONSUMED = 'messaging.client.consumed.messages';
const OPERATION = 'messaging.client.operation.duration';
const PROCESS = 'messaging.process.duration';
const QUEUE_TIME = 'kafka.message.queue_time';
const METRICS = [SENT, CONSUMED, OPERATION, PROCESS, QUEUE_TIME, 'sent.total'];

let topics: Record<keyof typeof ROLES, string>;
let before: Metrics;
let after: Metrics;
let whole: Metrics;
let runs: Readonly<Record<string, number>>;
let refusals: unknown;

beforeAll(async () => {
  topics = await createTopics(ROLES);
  const { reported } = await run('counts.cjs', { folder: 'throughput', topics, bare: true });
  before = reported['delta before failures'] as Metrics;
  after = reported['delta after'] as Metrics;
  whole = reported['cumulative'] as Metrics;
  runs = reported['runs'] as typeof runs;
  ({ refusals } = reported);
}, 120_000);

const system = { 'messaging.system': 'kafka' };
const failed = (error: string | undefined) => (error === undefined ? {} : { 'error.type': error });
const send = (topic: string | undefined, value: number, error?: string) => ({
  value,
  attributes: {
    ...system,
    'messaging.operation.name': 'send',
    ...(topic === undefined ? {} : { 'messaging.destination.name': topic }),
    ...failed(error),
  },
});
const sendDuration = (...args: Parameters<typeof send>) => {
  const { value, attributes } = send(...args);
  return { value, attributes: { ...attributes, 'messaging.operation.type': 'send' } };
};
const handled = (topic: string, value: number | undefined, error?: string) => ({
  value,
  attributes: {
    ...system,
    'messaging.operation.name': 'process',
    'messaging.destination.name': topic,
    'messaging.consumer.group.name': topic,
    ...failed(error),
  },
});

/** Compare points as sets, because their order varies. */
const points = (metrics: Metrics, name: string) => new Set(metrics[name]);

test('sent messages are counted exactly from the registration of the SDK on, without dropped and rejected ones', () => {
  const { plain, lossy, routed, batched, large } = topics;
  expect(points(whole, SENT)).toEqual(
    new Set([
      send(plain, 20),
      send(lossy, 7),
      send(routed, 3),
      send(batched, 500),
      send(large, 1, 'MESSAGE_TOO_LARGE'),
    ]),
  );
  expect(refusals).toHaveLength(6);
});

test('a view without attributes reports the sum', () => {
  expect(whole['sent.total']).toEqual([{ attributes: {}, value: 531 }]);
});

test('consumed messages are counted at every delivery', () => {
  const { plain, batched } = topics;
  expect(runs).toMatchObject({ plain: 22, failed: 2, batched: 500 });
  expect(points(whole, CONSUMED)).toEqual(new Set([handled(plain, 22), handled(batched, 500)]));
});

test('each run of a handler records one duration, and at most one queue time', () => {
  const { plain, batched } = topics;
  expect(points(whole, PROCESS)).toEqual(
    new Set([handled(plain, 20), handled(plain, 2, 'Error'), handled(batched, runs['batches'])]),
  );
  const queued = (topic: string) =>
    whole[QUEUE_TIME]?.find(({ attributes }) => attributes['messaging.destination.name'] === topic);
  for (const [topic, limit = 0] of [
    [plain, 22],
    [batched, runs['batches']],
  ] as const) {
    const count = Number(queued(topic)?.value);
    expect(queued(topic)).toEqual(handled(topic, count));
    expect(count).toBeGreaterThanOrEqual(1);
    expect(count).toBeLessThanOrEqual(limit);
  }
});

test('every call, including rejected ones, records a duration per topic, and so does every commit', () => {
  const { plain, lossy, routed, batched, large } = topics;
  expect(points(whole, OPERATION)).toEqual(
    new Set([
      sendDuration(plain, 2),
      sendDuration(lossy, 4),
      sendDuration(routed, 3),
      sendDuration(batched, 1),
      sendDuration(large, 1, 'MESSAGE_TOO_LARGE'),
      sendDuration(plain, 1, 'KafkaJSNonRetriableError'),
      sendDuration(plain, 1, 'ERR_INVALID_ARG_TYPE'),
      sendDuration(undefined, 1, 'KafkaJSNonRetriableError'),
      sendDuration(plain, 2, 'KafkaJSError'),
      {
        value: runs['commits'],
        attributes: {
          ...system,
          'messaging.operation.name': 'commit',
          'messaging.operation.type': 'settle',
          'messaging.destination.name': batched,
          'messaging.consumer.group.name': batched,
        },
      },
    ]),
  );
});

test('the deltas add up to the cumulative values', () => {
  for (const name of METRICS) {
    const sums = new Map<string, number>();
    for (const { attributes, value } of [...(before[name] ?? []), ...(after[name] ?? [])]) {
      const series = JSON.stringify(attributes);
      sums.set(series, (sums.get(series) ?? 0) + value);
    }
    expect(sums.size).toBeGreaterThan(0);
    expect(sums).toEqual(
      new Map((whole[name] ?? []).map(({ attributes, value }) => [JSON.stringify(attributes), value])),
    );
  }
});
