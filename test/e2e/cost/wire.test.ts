import { createTopics } from '../../support/topics';
import { run } from '../flow/run';

/** Key and value of `traceparent`, and a byte for the length of each. */
const TRACEPARENT =
  1 + 'traceparent'.length + 1 + '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'.length;

test('a record is larger by the 68 bytes of its traceparent on the wire, and by nothing else', async () => {
  const topics = await createTopics({ orders: 1 });
  const bytesOf = async (bare: boolean) => {
    const { reported } = await run('bytes-sent.cjs', { topics, bare, folder: 'cost' });
    return reported as { records: number; bytes: number };
  };
  const bare = await bytesOf(true);
  const ours = await bytesOf(false);
  expect(TRACEPARENT).toBe(68);
  expect((ours.bytes - bare.bytes) / bare.records).toBe(TRACEPARENT);
});
