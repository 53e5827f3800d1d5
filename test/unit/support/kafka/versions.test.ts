import { compareVersions, javaRelease, usesKRaft } from '../../../support/kafka/versions';

test.each([
  ['4.10.0', '4.9.0', 1],
  ['2.6.3', '3.0', -1],
  ['3.3', '3.3.0', 0],
  ['4.0.0-rc1', '3.9.1', 1],
])('versions %s and %s are compared as numbers, not as text', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
  expect(Math.sign(compareVersions(b, a))).toBe(sign === 0 ? 0 : -sign);
});

test('only versions below 3.3 use ZooKeeper', () => {
  expect(['2.6.3', '3.2.3', '3.3.0', '3.10.0', '4.4.0'].map(usesKRaft)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['openjdk version "21" 2023-09-19 LTS', 21],
  ['java version "1.8.0_392"', 8],
  ['Unable to locate a Java Runtime.', undefined],
])('the release of Java is read out of %j', (output, release) => {
  expect(javaRelease(output)).toBe(release);
});
