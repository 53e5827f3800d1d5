import { Bounded } from '../../../src/telemetry/metrics/bounded';

test('the first values are told apart for ever, and every later one is the rest', () => {
  const bounded = new Bounded(2, '_other');
  expect(['a', 'b', 'a', 'c', 'b', 'd', 'a'].map(value => bounded.of(value))).toEqual([
    'a',
    'b',
    'a',
    '_other',
    'b',
    '_other',
    'a',
  ]);
});

test('a value that is called like the rest is nothing special', () => {
  const bounded = new Bounded(1, '_other');
  expect([bounded.of('_other'), bounded.of('a'), bounded.of('_other')]).toEqual([
    '_other',
    '_other',
    '_other',
  ]);
});
