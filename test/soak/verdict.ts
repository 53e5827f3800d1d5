import type { Pair } from './pair';

/** How much more than the bare program's the heap may have grown, in bytes. */
export const MAX_GROWTH = 5 * 1024 * 1024;

/** Bytes of a trace id and a span id. */
const BYTES = 24;

/** How many messages were handled in a span that has the span they were sent in as its parent. */
export function connected({ sentIn, handledFrom, times }: Pair): number {
  const nothing = Buffer.alloc(BYTES);
  let count = 0;
  for (let at = 0; at < times.length * BYTES; at += BYTES) {
    const sent = sentIn.subarray(at, at + BYTES);
    if (!sent.equals(nothing) && sent.equals(handledFrom.subarray(at, at + BYTES))) count++;
  }
  return count;
}

/** How often messages were handled in all. */
export const handled = ({ times }: Pair): number => times.reduce((sum, count) => sum + count, 0);

/** kafkajs's lines differ in time and place; what they are about does not. */
function subject(line: string): string {
  try {
    const { level, message } = JSON.parse(line) as { level?: unknown; message?: unknown };
    return `${String(level)} ${String(message)}`;
  } catch {
    return line;
  }
}

/** All that is not as promised; nothing where the soak has passed. */
export function violations(bare: Pair, instrumented: Pair): string[] {
  const count = bare.times.length;
  const found: string[] = [];
  const claim = (holds: boolean, otherwise: string) => {
    if (!holds) found.push(otherwise);
  };
  const differing = instrumented.times.filter((times, number) => times !== bare.times[number]).length;
  claim(differing === 0, `${differing} messages were handled another number of times than bare`);
  claim(!bare.times.includes(0), 'the bare program itself has lost messages');
  const whole = connected(instrumented);
  claim(whole === count, `${count - whole} messages were handled apart from the span they were sent in`);
  const expected = { producer: instrumented.producer.calls, consumer: handled(instrumented) };
  for (const role of ['producer', 'consumer'] as const) {
    const { spans } = instrumented[role];
    claim(spans?.started === expected[role], `the ${role} has ${spans?.started ?? 'no'} spans`);
    claim(spans?.ended === spans?.started, `the ${role} has left spans open`);
    claim(spans?.failed === 0, `the ${role} has failed spans`);
    claim(spans?.unlinked === 0, `the ${role} has spans whose link is not to their parent`);
    const more = instrumented[role].grown - bare[role].grown;
    claim(more <= MAX_GROWTH, `the heap of the ${role} grew by ${more} bytes more than bare`);
  }
  const known = new Set(bare.said.map(subject));
  for (const line of instrumented.said) claim(known.has(subject(line)), `stderr: ${line}`);
  return found;
}
