import { ConsumerHealth } from '../../../src/metrics/consumer-health';
import { client } from '../core/tracing';

let health: ConsumerHealth;

beforeEach(() => {
  health = new ConsumerHealth(client.messages);
});

const assigned = (now = 0) => health.read(now).assigned;

/** Joins a group with a heartbeat, because kafkajs reports both. */
function join(assignment: Record<string, number[]>, now: number): boolean {
  const isRebalance = health.joined(assignment);
  health.heartbeat(now);
  return isRebalance;
}

test('a consumer shows nothing before it has joined its group', () => {
  expect(health.read(0)).toEqual({
    partitions: [],
    assigned: undefined,
    heartbeatAge: undefined,
    isMember: false,
  });
  expect(health.isGone).toBe(true);
});

test('the heartbeat age counts from the join, or from the last heartbeat', () => {
  join({ orders: [0, 1] }, 1000);
  expect(health.read(4000)).toMatchObject({ assigned: 2, heartbeatAge: 3, isMember: true });
  health.heartbeat(5000);
  expect(health.read(5500).heartbeatAge).toBe(0.5);
  expect(health.read(0).heartbeatAge).toBe(0);
});

test('only the join of a consumer that is already in the group is a rebalance', () => {
  expect(join({}, 0)).toBe(false);
  expect(join({}, 0)).toBe(true);
  health.left();
  expect(join({}, 0)).toBe(false);
  health.crashed();
  expect(join({}, 0)).toBe(false);
});

test('a consumer that has left shows zeros once', () => {
  join({ orders: [0] }, 0);
  health.left();
  expect(health.isGone).toBe(false);
  expect(health.read(9000)).toMatchObject({ assigned: 0, heartbeatAge: 0, isMember: false });
  expect(health.isGone).toBe(true);
  health.left();
  expect(assigned()).toBeUndefined();
});

test.each([false, true])(
  'a crashed consumer stays visible without partitions, whether its zeros were read before the crash or not (%s)',
  isRead => {
    join({ orders: [0] }, 0);
    health.left();
    if (isRead) health.read(1000);
    health.crashed();
    for (const now of [5000, 6000])
      expect(health.read(now)).toMatchObject({ assigned: 0, heartbeatAge: now / 1000, isMember: false });
    join({ orders: [0] }, 7000);
    expect(assigned()).toBe(1);
  },
);

test('a client that reports no heartbeats has no heartbeat age, not even when it has left', () => {
  health.joined({ orders: [0] });
  expect(health.read(4000)).toMatchObject({ assigned: 1, heartbeatAge: undefined });
  health.left();
  expect(health.read(9000)).toMatchObject({ assigned: 0, heartbeatAge: undefined });
});

test('a client without events is asked for its state before each reading, as long as it is a member', () => {
  let partitions = [0, 1];
  const asked = new ConsumerHealth(client.messages, undefined, () => {
    asked.assigned({ orders: partitions });
    for (const partition of partitions) asked.partitions.reachedWatermark('orders', partition, 10);
  });
  expect(asked.read(0).assigned).toBeUndefined();
  asked.joined({ orders: [0] });
  asked.partitions.fetched('orders', 0, { highWatermark: NaN, firstOffset: 4, lastOffset: 5, count: 2 });
  expect(asked.read(0)).toMatchObject({
    assigned: 2,
    partitions: [{ recordsLag: 6 }, { recordsLag: undefined }],
  });
  partitions = [1];
  expect(asked.read(0)).toMatchObject({ assigned: 1, partitions: [{ recordsLag: 0, isLost: true }, {}] });
  asked.left();
  expect(asked.read(0).assigned).toBe(0);
});
