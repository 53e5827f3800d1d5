import { ConsumerHealth } from '../../../src/metrics/consumer-health';
import { client } from '../core/tracing';

let health: ConsumerHealth;

beforeEach(() => {
  health = new ConsumerHealth(client.messages);
});

const assigned = (now = 0) => health.read(now).assigned;

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
  health.joined({ orders: [0, 1] }, 1000);
  expect(health.read(4000)).toMatchObject({ assigned: 2, heartbeatAge: 3, isMember: true });
  health.heartbeat(5000);
  expect(health.read(5500).heartbeatAge).toBe(0.5);
  expect(health.read(0).heartbeatAge).toBe(0);
});

test('only the join of a consumer that is already in the group is a rebalance', () => {
  expect(health.joined({}, 0)).toBe(false);
  expect(health.joined({}, 0)).toBe(true);
  health.left();
  expect(health.joined({}, 0)).toBe(false);
  health.crashed();
  expect(health.joined({}, 0)).toBe(false);
});

test('a consumer that has left shows zeros once', () => {
  health.joined({ orders: [0] }, 0);
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
    health.joined({ orders: [0] }, 0);
    health.left();
    if (isRead) health.read(1000);
    health.crashed();
    for (const now of [5000, 6000])
      expect(health.read(now)).toMatchObject({ assigned: 0, heartbeatAge: now / 1000, isMember: false });
    health.joined({ orders: [0] }, 7000);
    expect(assigned()).toBe(1);
  },
);
