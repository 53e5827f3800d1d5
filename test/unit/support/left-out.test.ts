import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftOut } from '../../support/left-out';

test('no test is skipped on CI', () => {
  expect(leftOut({ CI: 'true' })).toEqual([]);
});

test("tests of Confluent's client are skipped with one line where it can be neither downloaded nor built", () => {
  const empty = mkdtempSync(join(tmpdir(), 'left-out-'));
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(leftOut({ KAFKA_CACHE: empty, PATH: empty })).toContain(
      'test/e2e/confluent/|test/e2e/examples/confluent|test/e2e/fuzz/confluent',
    );
    const lines = write.mock.calls.map(([line]) => String(line)).filter(line => line.includes('confluent/'));
    expect(lines).toEqual([expect.stringMatching(/^Skipped test\/e2e\/confluent\/\S+: [^\n]+\n$/)]);
  } finally {
    write.mockRestore();
    rmSync(empty, { recursive: true });
  }
});
