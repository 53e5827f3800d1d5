import type { IHeaders } from 'kafkajs';
import { projectRoot } from '../../support/program';
import { testKafka } from '../../support/topics';
import { run, type Ran } from '../loading/support/run';
import { createTopics, readBack, type Topic } from '../loading/support/topics';
import { orphan } from '../loading/support/whole';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const VALID = `00-${TRACE}-b7ad6b7169203331-01`;

/** Invalid trace headers. The keys are the values of their messages. */
const GARBAGE: Readonly<Record<string, IHeaders>> = {
  'no headers': {},
  'not a traceparent': { traceparent: 'garbage' },
  'an empty traceparent': { traceparent: '' },
  'ids of zeros': { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` },
  'a forbidden version': { traceparent: VALID.replace('00-', 'ff-') },
  'a traceparent in capitals': { traceparent: VALID.toUpperCase() },
  'bytes that are no text': {
    traceparent: Buffer.from([0xff, 0xfe, 0x00, 0xc3]),
    baggage: Buffer.from([0xff]),
  },
  'a traceparent twice, the last one broken': { traceparent: [VALID, 'garbage'] },
  'broken baggage': { baggage: ';;;,==,%%%=%E0%A4%A,=,a=b;;c,' },
  'baggage of 20 kB': { baggage: `a=${'b'.repeat(20_000)}` },
  'a tracestate alone': { tracestate: 'vendor=value' },
  'odd names': JSON.parse('{"": "empty", "__proto__": "x", "constructor": "y", "toString": "z"}') as IHeaders,
};
const VALUES = Object.keys(GARBAGE);
const FORWARDED = VALUES.filter(value => value !== 'odd names');

let garbage: Topic, forwarded: Topic;
let ran: Ran;

beforeAll(async () => {
  ({ garbage, forwarded } = await createTopics(['garbage', 'forwarded']));
  const producer = testKafka().producer();
  await producer.connect();
  await producer.send({
    topic: garbage.name,
    messages: VALUES.map(value => ({ value, headers: GARBAGE[value] ?? {} })),
  });
  await producer.disconnect();
  ran = await run({
    file: `${projectRoot}/fixtures/invalid-input/garbage.cjs`,
    execArgv: ['--require', `${projectRoot}/fixtures/loading/tracing.cjs`],
    env: { TOPIC: garbage.name, FORWARD: forwarded.name, COUNT: String(VALUES.length) },
  });
});

test('every message is handled, by eachMessage and eachBatch, and nothing is logged', () => {
  expect(ran.results).toEqual([VALUES, VALUES]);
  expect(ran.stderr).toBe('');
});

test('each process span starts a new trace', () => {
  const ofHandlers = ran.spans.filter(
    ({ kind, attributes }) =>
      kind === 'CONSUMER' && attributes['messaging.consumer.group.name'] === garbage.name,
  );
  expect(ofHandlers).toEqual(VALUES.map((_, offset) => orphan(garbage, offset)));
});

test('a forwarded message has the trace of its handler, and the invalid headers are removed', async () => {
  const sends = ran.spans.filter(({ kind }) => kind === 'PRODUCER');
  expect(sends.map(({ parent, links }) => ({ parent, links }))).toEqual(
    FORWARDED.map(() => ({ parent: `process ${garbage.name}`, links: [] })),
  );
  for (const { headers } of await readBack(forwarded, FORWARDED.length)) {
    expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(headers['traceparent']).not.toContain(TRACE);
  }
});

test('their batch has one span without links, and each message span is a child of it', () => {
  const inBatches = ran.spans.filter(
    ({ attributes }) => attributes['messaging.consumer.group.name'] === `${garbage.name}-batches`,
  );
  const ofMessages = inBatches.filter(({ attributes }) => 'messaging.kafka.offset' in attributes);
  expect(ofMessages.map(({ parent, links }) => ({ parent, links }))).toEqual(
    VALUES.map(() => ({ parent: `process ${garbage.name}`, links: [] })),
  );
  const ofBatches = inBatches.filter(({ attributes }) => 'messaging.batch.message_count' in attributes);
  expect(ofBatches.map(({ parent, links }) => ({ parent, links }))).toEqual(
    ofBatches.map(() => ({ parent: undefined, links: [] })),
  );
  expect(ofBatches.length).toBeGreaterThan(0);
});
