import { Closing } from '../../../demo/closing';

test('what was started last is closed first, each once, however often the end is called', async () => {
  const closed: string[] = [];
  const closing = new Closing();
  closing.add(() => void closed.push('first'));
  closing.add(async () => {
    await Promise.resolve();
    closed.push('second');
  });
  await Promise.all([closing.run(), closing.run()]);
  expect(closed).toEqual(['second', 'first']);
});

test('a close that fails is reported and keeps none of the others from running', async () => {
  const closed: string[] = [];
  const closing = new Closing();
  closing.add(() => void closed.push('first'));
  closing.add(() => Promise.reject(new Error('stuck')));
  const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  await closing.run();
  expect(written.mock.calls).toEqual([['Cleaning up: stuck\n']]);
  written.mockRestore();
  expect(closed).toEqual(['first']);
});

test('what starts after the end has begun is closed too', async () => {
  const closed: string[] = [];
  const closing = new Closing();
  void closing.run();
  closing.add(() => void closed.push('late'));
  await closing.run();
  expect(closed).toEqual(['late']);
});
