import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labFolder } from '../../../support/confluent';
import { findConfluent } from '../../../support/confluent/find';
import { nodeHeaders } from '../../../support/confluent/node-headers';

const folder = mkdtempSync(join(tmpdir(), 'confluent-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a lab is cached beside Kafka by version, ABI and platform', () => {
  expect(labFolder('1.10.1', '115', { KAFKA_CACHE: folder })).toBe(
    join(folder, 'confluent', `1.10.1-node115-${process.platform}-${process.arch}`),
  );
});

test('without a cached lab and without npm, the reason says what to do', () => {
  expect(() => {
    findConfluent({ KAFKA_CACHE: folder, PATH: folder });
  }).toThrow(
    '@confluentinc/kafka-javascript is not installed, and the npm registry cannot be reached. Run the tests once with a connection to the registry.',
  );
});

test('an executable without headers beside it has none', () => {
  expect(nodeHeaders(folder)).toBeUndefined();
});
