import { readArguments } from '../../../demo/arguments';

test('without arguments the demo ends by itself and gives each trace 30 s', () => {
  expect(readArguments([])).toEqual({ does: 'run', keep: false, withinMs: 30_000 });
});

test('options are read', () => {
  expect(readArguments(['--keep', '--within', '1.5'])).toEqual({ does: 'run', keep: true, withinMs: 1500 });
  expect(readArguments(['--help'])).toEqual({ does: 'help' });
});

test.each([['--kep'], ['extra'], ['--within'], ['--within=soon'], ['--within=0'], ['--within=1e9']])(
  '%s is refused with a reason',
  argument => {
    expect(readArguments([argument])).toEqual({
      does: 'refuse',
      reason: expect.stringMatching(/./) as string,
    });
  },
);
