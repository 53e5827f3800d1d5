import { Cleanup } from '../../../demo/cleanup';

test('what was started last is closed first, each once, however often the end is called', async () => {
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

test('a close that fails is reported and keeps none of the others from running', async () => {
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

test('what starts after the end has begun is closed too', async () => {
  const closed: string[] = [];
  const cleanup = new Cleanup();
  void cleanup.run();
  cleanup.add(() => void closed.push('late'));
  await cleanup.run();
  expect(closed).toEqual(['late']);
});
