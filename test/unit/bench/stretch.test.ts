import { createStretch } from '../../../bench/broker/stretch.cjs';

/** A thousand arrays of a hundred numbers: about 800 kB, and a full young generation every few times. */
const fill = (): number[][] => Array.from({ length: 1000 }, (_, index) => new Array<number>(100).fill(index));

describe('a stretch of messages', () => {
  it('is measured after a third of the messages at the latest, and to the last one', () => {
    const stretch = createStretch({ warmUp: 60_000, available: 9000 });
    const passed = Array.from({ length: 9 }, () => stretch.pass(1000));
    expect(passed).toEqual([...Array<boolean>(8).fill(false), true]);
    expect(stretch.measured()).toMatchObject({ count: 6000 });
  });

  it('counts bytes that were allocated, whether they have been collected or not', () => {
    const stretch = createStretch({ warmUp: 0, available: 201_000 });
    let kept = fill();
    while (!stretch.pass(1000)) kept = fill();
    expect(kept).toHaveLength(1000);
    const { bytes } = stretch.measured() as { readonly bytes: number };
    expect(bytes).toBeGreaterThan(800);
    expect(bytes).toBeLessThan(1000);
  });

  it('begins and ends between lots, however long they are', () => {
    const stretch = createStretch({ warmUp: 60_000, available: 90_000 });
    const looks = Array.from({ length: 4 }, () => {
      const isOver = stretch.isOver();
      stretch.add(40_000);
      return isOver;
    });
    expect(looks).toEqual([false, false, false, true]);
    expect(stretch.measured()).toMatchObject({ count: 80_000 });
  });

  it('refuses to tell the cost of no message at all', () => {
    const stretch = createStretch({ available: 9000 });
    stretch.isOver();
    stretch.add(9000);
    while (!stretch.isOver());
    expect(() => void stretch.measured()).toThrow('no more than 9000 messages');
  });

  it('says nothing before its end', () => {
    const stretch = createStretch({ warmUp: 0, available: 9000 });
    stretch.pass(8999);
    expect(stretch.measured()).toBeUndefined();
  });
});
