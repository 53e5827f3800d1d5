import { Growth } from '../../../viewer/src/store/seconds';

test('a series that starts a few milliseconds after its first export is not counted again as a restart', () => {
  const growth = new Growth();
  const start = 100.854;
  // In the SDK, the start of a new series can be later than the time of its first point.
  expect(growth.of('sent', { value: 1, at: 100.848, start }, false, 90)?.amount).toBe(1);
  expect(growth.of('sent', { value: 1, at: 101.395, start }, false, 90)?.amount).toBe(0);
  expect(growth.of('sent', { value: 3, at: 102.4, start }, false, 90)?.amount).toBe(2);
});

test('a process that starts again counts from 0, even if it has already counted more than before', () => {
  const growth = new Growth();
  growth.of('sent', { value: 2, at: 101, start: 100 }, false, 90);
  expect(growth.of('sent', { value: 5, at: 110, start: 109 }, false, 90)?.amount).toBe(5);
});
