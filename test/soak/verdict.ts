import type { Pair } from './pair';

/** Limit for the heap growth of a traced program compared with the bare program, in bytes. */
export const MAX_GROWTH = 5 * 1024 * 1024;

/** Size of a trace id and a span id together. */
const BYTES = 24;

/** Returns how many messages have a process span whose parent is the span that sent the message. */
export function connected({ sentIn, handledFrom, times }: Pair): number {
  const nothing = Buffer.alloc(BYTES);
  let count = 0;
  for (let at = 0; at < times.length * BYTES; at += BYTES) {
    const sent = sentIn.subarray(at, at + BYTES);
    if (!sent.equals(nothing) && sent.equals(handledFrom.subarray(at, at + BYTES))) count++;
  }
  return count;
}

export const handled = ({ times }: Pair): number => times.reduce((sum, count) => sum + count, 0);

/** Returns level and text of a kafkajs log line. Leaves out fields that differ between runs. */
function subject(line: string): string {
  try {
    const { level, message } = JSON.parse(line) as { level?: unknown; message?: unknown };
    return `${String(level)} ${String(message)}`;
  } catch {
    return line;
  }
}

/** Returns everything that is wrong with the traced run. */
export function violations(bare: Pair, instrumented: Pair): string[] {
  const count = bare.times.length;
  const found: string[] = [];
  const check = (passed: boolean, violation: string) => {
    if (!passed) found.push(violation);
  };
  const differing = instrumented.times.filter((times, number) => times !== bare.times[number]).length;
  check(differing === 0, `${differing} messages were delivered more or less often than in the bare run`);
  check(!bare.times.includes(0), 'the bare program lost messages, so the comparison is not valid');
  const whole = connected(instrumented);
  check(
    whole === count,
    `${count - whole} messages have a process span with another parent than their send span`,
  );
  const expected = { producer: instrumented.producer.calls, consumer: handled(instrumented) };
  for (const role of ['producer', 'consumer'] as const) {
    const { spans } = instrumented[role];
    check(spans?.started === expected[role], `the ${role} has ${spans?.started ?? 'no'} spans`);
    check(spans?.ended === spans?.started, `the ${role} did not end all its spans`);
    check(spans?.failed === 0, `the ${role} has failed spans`);
    check(spans?.unlinked === 0, `the ${role} has spans without exactly one link to their parent`);
    const more = instrumented[role].grown - bare[role].grown;
    check(more <= MAX_GROWTH, `the heap of the ${role} grew ${more} bytes more than in the bare run`);
  }
  const known = new Set(bare.stderrLines.map(subject));
  for (const line of instrumented.stderrLines) check(known.has(subject(line)), `stderr: ${line}`);
  return found;
}
