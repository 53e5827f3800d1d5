import { createRequire } from 'node:module';

interface Background {
  start(work: () => Promise<unknown>): boolean;
  settled(): Promise<void>;
}

const { background } = createRequire(__filename)('../../../examples/fire-and-forget/background.js') as {
  background: (options: { limit: number; onError: (error: unknown) => void }) => Background;
};

/** Starts work that lasts until the test ends it. */
function workUnderWay() {
  let finish: (outcome: Promise<void>) => void = () => undefined;
  const promise = new Promise<void>(resolve => {
    finish = resolve;
  });
  return { work: () => promise, finish };
}

test('the end waits for all started work, and each failure is reported', async () => {
  const errors: unknown[] = [];
  const sends = background({ limit: 2, onError: error => errors.push(error) });
  const [good, bad] = [workUnderWay(), workUnderWay()];
  expect([sends.start(good.work), sends.start(bad.work)]).toEqual([true, true]);
  let isOver = false;
  const settled = sends.settled().then(() => {
    isOver = true;
  });
  good.finish(Promise.resolve());
  await good.work();
  expect(isOver).toBe(false);
  const reason = new Error('refused');
  bad.finish(Promise.reject(reason));
  await settled;
  expect(errors).toEqual([reason]);
});

test('at the limit nothing starts until other work has ended', async () => {
  const sends = background({ limit: 1, onError: () => undefined });
  const { work, finish } = workUnderWay();
  const next = jest.fn(() => Promise.resolve());
  expect([sends.start(work), sends.start(next)]).toEqual([true, false]);
  expect(next).not.toHaveBeenCalled();
  finish(Promise.resolve());
  await sends.settled();
  expect(sends.start(next)).toBe(true);
});
