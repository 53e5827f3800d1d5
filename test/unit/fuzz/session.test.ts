import { setImmediate as turn } from 'node:timers/promises';
import { Session } from '../../fuzz/run/session';

// The active timers of jest would count as work of the call.
beforeEach(() => {
  jest.spyOn(process, 'getActiveResourcesInfo').mockReturnValue([]);
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** Stops this process for longer than a call may be idle, as a busy machine would. */
function stopProcess(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
}

test('a call that goes on after the machine has stopped the process for a while is not pending', async () => {
  const session = new Session({}, '1');
  await session.call('send', async () => {
    for (let answers = 0; answers < 3; answers++) {
      await turn();
      stopProcess();
    }
  });
  expect(session.calls).toEqual([['send', 'resolved', 'undefined']]);
});

test('a call that never settles is pending', async () => {
  const session = new Session({}, '1');
  await session.call('send', () => new Promise(() => undefined));
  expect(session.calls).toEqual([['send', 'pending']]);
});
