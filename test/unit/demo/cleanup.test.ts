import { Cleanup } from '../../../demo/cleanup';

test('resources are closed once each, in reverse order, even if end is called twice', async () => {
  const closed: string[] = [];
  const cleanup = new Cleanup();
  cleanup.add(() => void closed.push('first'));
  cleanup.add(async () => {
    await Promise.resolve();
    closed.push('second');
  });
  await Promise.all([cleanup.run(), cleanup.run()]);
  expect(closed).toEqual(['second', 'first']);
});

test('a failed close is reported, and the others still run', async () => {
  const closed: string[] = [];
  const cleanup = new Cleanup();
  cleanup.add(() => void closed.push('first'));
  cleanup.add(() => Promise.reject(new Error('stuck')));
  const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  await cleanup.run();
  expect(written.mock.calls).toEqual([['Clean-up step failed: stuck\n']]);
  written.mockRestore();
  expect(closed).toEqual(['first']);
});

test('a resource that starts after end was called is closed too', async () => {
  const closed: string[] = [];
  const cleanup = new Cleanup();
  void cleanup.run();
  cleanup.add(() => void closed.push('late'));
  await cleanup.run();
  expect(closed).toEqual(['late']);
});
