import { oldestTimestamp, timestampOf } from '../../../src/telemetry/metrics/timestamps';

test.each([
  ['1700000000000', 1_700_000_000_000],
  ['0', 0],
  ['-1', undefined],
  ['soon', undefined],
  [undefined, undefined],
  [null, undefined],
])('the timestamp %p is %p', (timestamp, expected) => {
  expect(timestampOf({ timestamp })).toBe(expected);
});

test('nothing has no timestamp', () => {
  expect(timestampOf(undefined)).toBeUndefined();
  expect(oldestTimestamp([])).toBeUndefined();
});

test('the oldest is found by its number, not by its text, and unknown ones are passed over', () => {
  const stamped = ['-1', '1000', '999', '1001', undefined].map(timestamp => ({ timestamp }));
  expect(oldestTimestamp(stamped)).toBe(999);
});
