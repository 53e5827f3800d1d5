import type { Pair, ProgramResult } from '../../soak/pair';
import { MAX_GROWTH, connected, violations } from '../../soak/verdict';

const COUNT = 4;
const ids = Buffer.alloc(COUNT * 24, 'abcdefgh');
const told = (spans: number, grown = 0): ProgramResult => ({
  grown,
  seconds: 1,
  calls: 2,
  spans: { started: spans, ended: spans, unlinked: 0, failed: 0 },
});
const bare: Pair = {
  producer: { grown: 0, seconds: 1, calls: 2 },
  consumer: { grown: 0, seconds: 1 },
  times: new Uint8Array(COUNT).fill(1),
  sentIn: Buffer.alloc(0),
  handledFrom: Buffer.alloc(0),
  stderrLines: ['{"level":"WARN","timestamp":1,"message":"known"}'],
};
const traced: Pair = { ...bare, producer: told(2), consumer: told(COUNT), sentIn: ids, handledFrom: ids };
const spoilt = (at: number) => {
  const other = Buffer.from(ids);
  other.writeUInt8(0, at);
  return other;
};
const spans = { started: COUNT, ended: COUNT, unlinked: 0, failed: 0 };

test('a run as promised has no violation, also with lines on stderr that bare prints too', () => {
  expect(
    violations(bare, { ...traced, stderrLines: ['{"level":"WARN","timestamp":2,"message":"known"}'] }),
  ).toEqual([]);
  expect(connected(traced)).toBe(COUNT);
});

test.each<[string, Partial<Pair>]>([
  ['a message handled twice', { times: Uint8Array.of(1, 2, 1, 1), consumer: told(COUNT + 1) }],
  ['a message handled never', { times: Uint8Array.of(1, 0, 1, 1), consumer: told(COUNT - 1) }],
  ['a span with another parent', { handledFrom: spoilt(95) }],
  ['a span of another trace', { handledFrom: spoilt(24) }],
  ['a message without any span', { sentIn: Buffer.alloc(96), handledFrom: Buffer.alloc(96) }],
  ['a span too many', { consumer: told(COUNT + 1) }],
  ['a call without a span', { producer: told(1) }],
  ['a span left open', { consumer: { ...told(COUNT), spans: { ...spans, ended: COUNT - 1 } } }],
  ['a link elsewhere', { consumer: { ...told(COUNT), spans: { ...spans, unlinked: 1 } } }],
  ['a failed span', { consumer: { ...told(COUNT), spans: { ...spans, failed: 1 } } }],
  ['a heap that grows', { producer: told(2, MAX_GROWTH + 1) }],
  ['a heap that was not measured', { producer: told(2, NaN) }],
  ['a warning', { stderrLines: ['MaxListenersExceededWarning'] }],
])('%s is one violation', (_what, fault) => {
  expect(violations(bare, { ...traced, ...fault })).toHaveLength(1);
});

test('a bare program that loses messages proves nothing', () => {
  const times = Uint8Array.of(1, 1, 1, 0);
  const found = violations({ ...bare, times }, { ...traced, times, consumer: told(COUNT - 1) });
  expect(found).toEqual(['the bare program lost messages, so the comparison is not valid']);
});
