import { createMeasurement } from '../../../bench/broker/measurement.cjs';

/** Allocates about 800 kB: a thousand arrays of a hundred numbers. A few calls fill V8's young generation. */
const fill = (): number[][] => Array.from({ length: 1000 }, (_, index) => new Array<number>(100).fill(index));

describe('the measurement of a message flow', () => {
  it('starts after a third of the messages at the latest, and ends with the last one', () => {
    const measurement = createMeasurement({ warmUp: 60_000, available: 9000 });
    const passed = Array.from({ length: 9 }, () => measurement.pass(1000));
    expect(passed).toEqual([...Array<boolean>(8).fill(false), true]);
    expect(measurement.measured()).toMatchObject({ count: 6000 });
  });

  it('counts all allocated bytes, collected or not', () => {
    const measurement = createMeasurement({ warmUp: 0, available: 201_000 });
    let kept = fill();
    while (!measurement.pass(1000)) kept = fill();
    expect(kept).toHaveLength(1000);
    const { bytes } = measurement.measured() as { readonly bytes: number };
    expect(bytes).toBeGreaterThan(800);
    expect(bytes).toBeLessThan(1000);
  });

  it('begins and ends between two fetches, however large they are', () => {
    const measurement = createMeasurement({ warmUp: 60_000, available: 90_000 });
    const checks = Array.from({ length: 4 }, () => {
      const isOver = measurement.isOver();
      measurement.add(40_000);
      return isOver;
    });
    expect(checks).toEqual([false, false, false, true]);
    expect(measurement.measured()).toMatchObject({ count: 80_000 });
  });

  it('fails if the warm-up used all messages', () => {
    const measurement = createMeasurement({ available: 9000 });
    measurement.isOver();
    measurement.add(9000);
    while (!measurement.isOver());
    expect(() => void measurement.measured()).toThrow('The warm-up used all 9000 messages');
  });

  it('has no result before its end', () => {
    const measurement = createMeasurement({ warmUp: 0, available: 9000 });
    measurement.pass(8999);
    expect(measurement.measured()).toBeUndefined();
  });
});
