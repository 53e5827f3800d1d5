import { Kafka } from 'kafkajs';
import { isInRange, isLaterMinor, loadedExports } from '../../../src/support/packages';

describe('a copy of kafkajs that is loaded', () => {
  const file = 'src/index.js';

  test('is found with its exports', () => {
    expect(loadedExports('kafkajs', file, ['>=1.4.0 <3'])).toEqual([Kafka]);
  });

  test.each<[string, string, string, readonly string[]]>([
    ['of another version', 'kafkajs', file, ['>=0.1.0 <1']],
    ['of another package', '@opentelemetry/api', file, ['>=1.4.0 <3']],
    ['by a file that is not loaded', 'kafkajs', 'src/missing.js', ['>=1.4.0 <3']],
  ])('is not found %s', (_what, name, path, versions) => {
    expect(loadedExports(name, path, versions)).toEqual([]);
  });
});

describe('a version', () => {
  test.each<[unknown, boolean]>([
    ['1.4.0', true],
    ['2.2.4', true],
    ['2.3.0-beta.3', true],
    ['1.4.0-beta.1', true],
    ['2.2.4+build', true],
    ['1.3.9', false],
    ['3.0.0', false],
    ['3.0.0-beta.0', false],
    ['latest', false],
    ['', false],
    [undefined, false],
  ])('%p is in the range >=1.4.0 <3: %p', (version, expected) => {
    expect(isInRange(version, ['>=1.4.0 <3'])).toBe(expected);
  });

  test('is in range if one of several ranges has it', () => {
    expect(isInRange('1.5.0', ['>=1.4.0 <1.6.0', '>=2.0.0 <3'])).toBe(true);
    expect(isInRange('1.7.0', ['>=1.4.0 <1.6.0', '>=2.0.0 <3'])).toBe(false);
  });
});

test.each<[string, string, boolean]>([
  ['1.10.0', '1.9.1', true],
  ['2.0.0', '1.9.1', true],
  ['1.9.2', '1.9.1', false],
  ['1.8.0', '1.9.1', false],
])('%s is a later minor version than %s: %p', (one, other, expected) => {
  expect(isLaterMinor(one, other)).toBe(expected);
});
