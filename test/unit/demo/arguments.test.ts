import { readArguments } from '../../../demo/arguments';

test('by default the demo ends by itself and waits 30 s for each trace', () => {
  expect(readArguments([])).toEqual({
    does: 'run',
    client: 'kafkajs',
    keep: false,
    port: 0,
    withinMs: 30_000,
  });
});

test('options are parsed', () => {
  expect(readArguments(['--client=confluent', '--keep', '--port=8080', '--within', '1.5'])).toEqual({
    does: 'run',
    client: 'confluent',
    keep: true,
    port: 8080,
    withinMs: 1500,
  });
  expect(readArguments(['--help'])).toEqual({ does: 'help' });
});

test.each([
  ['--kep'],
  ['--client=other'],
  ['extra'],
  ['--within'],
  ['--within=soon'],
  ['--within=0'],
  ['--within=1e9'],
  ['--port=web'],
  ['--port=65536'],
  ['--port='],
  ['--port=8080'],
])('%s is refused with a reason', argument => {
  expect(readArguments([argument])).toEqual({
    does: 'refuse',
    reason: expect.stringMatching(/./) as string,
  });
});
