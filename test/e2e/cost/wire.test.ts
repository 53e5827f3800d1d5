import { createTopics } from '../../support/topics';
import { run } from '../flow/run';

/** Size of the header `traceparent` in bytes: key and value, each with one byte for its length. */
const TRACEPARENT =
  1 + 'traceparent'.length + 1 + '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'.length;

test('instrumentation adds exactly the 68 bytes of traceparent to a record on the wire', async () => {
  const topics = await createTopics({ orders: 1 });
  const bytesOf = async (bare: boolean) => {
    const { reported } = await run('bytes-sent.cjs', { topics, bare, folder: 'cost' });
    return reported as { records: number; bytes: number };
  };
  const bare = await bytesOf(true);
  const instrumented = await bytesOf(false);
  expect(TRACEPARENT).toBe(68);
  expect((instrumented.bytes - bare.bytes) / bare.records).toBe(TRACEPARENT);
});
