import { drawTrace } from '../../../viewer/src/tree';
import { indexSpans } from '../../../viewer/src/tree/details';
import { timeBar } from '../../../viewer/src/tree/bar';
import { wantsColour } from '../../../viewer/src/tree/paint';
import { changed, declined, link, paid, paidTogether, place, span, without } from './story';

const ESC = '\u001B';
const traceOf = (id: string) => paidTogether().filter(({ traceId }) => traceId === id);

test('a trace is drawn as a tree with service, kind, duration and time bar of each span, and its details below', () => {
  expect(drawTrace(paid())).toBe(
    `
trace aaaaaaaa  6 spans · 3 services · 80.0 ms
POST                               order-api       server    20.0 ms  ━━━━━━━╸
│  /orders → 202
└─ send orders                     order-api       producer  10.0 ms    ━━━╸
   │  topic orders · partition 2 · offset 7
   └─ process orders               payment-worker  consumer  30.0 ms         ╺━━━━━━━━━━━
      │  topic orders · partition 2 · offset 7 · links to send orders
      ├─ pg.query:INSERT postgres  payment-worker  client     9.0 ms          ━━━╸
      │     INSERT INTO payments (order_id) VALUES ($1)
      └─ send receipts             payment-worker  producer  18.0 ms             ╺━━━━━━
         │  topic receipts · partition 2 · offset 3
         └─ process receipts       receipt-mailer  consumer  20.0 ms                        ╺━━━━━━━
               topic receipts · batch of 1 · links to send receipts
`.trim(),
  );
});

test('a failed span shows its exception, and siblings are in order of their start', () => {
  expect(drawTrace(declined().reverse())).toBe(
    `
trace aaaaaaaa  5 spans · 2 services · 330.0 ms
POST                               order-api       server    20.0 ms  ━━
│  /orders → 202
└─ send orders                     order-api       producer  10.0 ms  ╺╸
   │  topic orders · partition 2 · offset 7
   ├─ process orders               payment-worker  consumer   1.0 ms    ╸
   │     topic orders · partition 2 · offset 7 · links to send orders
   │     ✖ Error: card declined
   └─ process orders               payment-worker  consumer  10.0 ms                               ━
      │  topic orders · partition 2 · offset 7 · links to send orders
      └─ send orders-dead-letters  payment-worker  producer   8.0 ms                               ━
            topic orders-dead-letters · partition 2 · offset 0
`.trim(),
  );
});

test('a link between two known traces is shown at both ends', () => {
  const index = indexSpans(paidTogether());
  expect(drawTrace(traceOf('cccccccc-3'), { index })).toBe(
    `
trace cccccccc  1 span · 1 service · 20.0 ms
process receipts  receipt-mailer  consumer  20.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
   topic receipts · batch of 2 · links to send receipts in trace aaaaaaaa
   links to send receipts in trace bbbbbbbb
`.trim(),
  );
  expect(drawTrace(traceOf('bbbbbbbb-2'), { index })).toContain(
    'linked from process receipts in trace cccccccc',
  );
});

test('a link to an unknown span shows its id', () => {
  expect(drawTrace(traceOf('cccccccc-3'))).toContain('links to span one-rece in trace aaaaaaaa');
});

test('only the first four of many links are listed', () => {
  const links = Array.from({ length: 128 }, (_, index) => link(`span-${index}`, `trace-${index}`));
  const text = drawTrace(changed(paid(), 'one-batch', { links }));
  expect(text.match(/links to span/g)).toHaveLength(4);
  expect(text).toContain('124 more links');
});

test('a narrow terminal has no bars and truncated names, and no line exceeds its width', () => {
  const text = drawTrace(paid(), { width: 62 });
  expect(text).toContain('├─ pg.query:INSERT p…  payment-worker  client     9.0 ms\n');
  expect(text).not.toContain('━');
  for (const line of text.split('\n')) expect(Array.from(line).length).toBeLessThanOrEqual(62);
});

test('a span with a missing parent is drawn as a root with a note', () => {
  const text = drawTrace(without(paid(), 'one-send'));
  expect(text).toContain('\nprocess orders ');
  expect(text).toContain('│  ✖ the parent span one-send is missing');
});

test('spans in a cycle of parents are drawn once each', () => {
  const text = drawTrace(changed(paid(), 'one-http', { parentSpanId: 'one-batch' }));
  expect(text).toContain('✖ the parent spans form a cycle');
  for (const name of ['POST', 'send orders', 'process receipts'])
    expect(text.split('\n').filter(line => line.includes(`${name} `) && line.includes(' ms'))).toHaveLength(
      1,
    );
});

test('control characters in spans do not reach the terminal', () => {
  const text = drawTrace([
    span({
      id: 'a',
      name: `send ${ESC}[2Jorders\nfake line`,
      service: `api${ESC}]0;title`,
      kind: 'PRODUCER',
      ms: [0, 1],
      attributes: place('or\r\nders', 1),
      status: { code: 'ERROR', message: `no${ESC}[1mpe` },
    }),
  ]);
  expect(text).not.toContain(ESC);
  expect(text.split('\n')).toHaveLength(4);
  expect(text).toContain('send [2Jorders fake line');
  expect(text).toContain('topic or ders');
});

test('colours do not change the text, and failed spans are red', () => {
  const text = drawTrace(declined(), { colours: true });
  expect(text).toContain(`${ESC}[31mprocess orders${ESC}[0m`);
  expect(text).toContain(`${ESC}[31m✖ Error: card declined${ESC}[0m`);
  const bare = text.split(ESC).map((part, index) => (index === 0 ? part : part.replace(/^\[\d+m/, '')));
  expect(bare.join('')).toBe(drawTrace(declined()));
});

test('a bar is visible for every span and stays within its width', () => {
  const whole = { start: 0n, end: 100n };
  expect(timeBar({ start: 0n, end: 100n }, whole, 4)).toBe('━━━━');
  expect(timeBar({ start: 25n, end: 63n }, whole, 4)).toBe(' ━╸ ');
  expect(timeBar({ start: 100n, end: 100n }, whole, 4)).toBe('   ╺');
  expect(timeBar({ start: -50n, end: 500n }, whole, 4)).toBe('━━━━');
  expect(timeBar({ start: 7n, end: 7n }, { start: 7n, end: 7n }, 2)).toBe('╸ ');
});

test('FORCE_COLOR decides about colours first, then NO_COLOR, then the terminal', () => {
  const terminal = { isTTY: true };
  expect(wantsColour({}, terminal)).toBe(true);
  expect(wantsColour({}, {})).toBe(false);
  expect(wantsColour({ TERM: 'dumb' }, terminal)).toBe(false);
  expect(wantsColour({ NO_COLOR: '1' }, terminal)).toBe(false);
  expect(wantsColour({ NO_COLOR: '' }, terminal)).toBe(true);
  expect(wantsColour({ NO_COLOR: '1', FORCE_COLOR: '1' }, {})).toBe(true);
  expect(wantsColour({ FORCE_COLOR: '0' }, terminal)).toBe(false);
});
