import { otlpEnvironment, startProgram } from '../../support/program';
import { createTopics } from '../../support/topics';
import { startRecorder } from './recorder';

/** Only digits, so that the secret is valid in a value of any type. */
const SECRET = '8151923374261';
const SIGNALS = ['/v1/traces', '/v1/metrics', '/v1/logs'] as const;

/** Runs a program in which every possible error contains the secret. Returns its exports by signal. */
async function exported(captureErrorMessages: boolean): Promise<Record<string, readonly Buffer[]>> {
  const topics = await createTopics({ secrets: 1 });
  const recorder = await startRecorder();
  try {
    const program = startProgram({
      file: 'fixtures/untrusted-data/secrets.cjs',
      execArgv: ['--require', './fixtures/tracing.cjs'],
      env: {
        ...otlpEnvironment(recorder, { metrics: true, logs: true }),
        OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs/dup',
        OTEL_INSTRUMENTATION_KAFKA_CAPTURE_ERROR_MESSAGES: String(captureErrorMessages),
        TOPICS: JSON.stringify(topics),
        SECRET,
      },
    });
    await program.line(/^done$/, 60_000);
    expect(await program.exit).toMatchObject({ code: 0 });
    return { ...recorder.bodies };
  } finally {
    await recorder.close();
  }
}

/** Returns the attribute keys and field names of an export whose values contain the secret. */
function places(node: unknown, place: string): string[] {
  if (typeof node !== 'object' || node === null) return String(node).includes(SECRET) ? [place] : [];
  if (Array.isArray(node)) return node.flatMap(each => places(each, place));
  const { key, value } = node as { key?: unknown; value?: unknown };
  if (typeof key === 'string') return [...places(value, key), ...places(key, 'a key')];
  return Object.entries(node).flatMap(([name, child]) =>
    places(child, name.endsWith('Value') ? place : `${place.split('.').at(-1) ?? ''}.${name}`),
  );
}

const allPlaces = (bodies: readonly Buffer[]) =>
  [...new Set(bodies.flatMap(body => places(JSON.parse(String(body)), '')))].sort();

test('by default, a record value is exported only in messages and stack traces of errors that quote it', async () => {
  const bodies = await exported(true);
  expect(Object.keys(bodies).sort()).toEqual([...SIGNALS].sort());
  expect(allPlaces(bodies['/v1/traces'] ?? [])).toEqual([
    'exception.message',
    'exception.stacktrace',
    'status.message',
  ]);
  expect(allPlaces(bodies['/v1/logs'] ?? [])).toEqual(['exception.message', 'exception.stacktrace']);
  expect(allPlaces(bodies['/v1/metrics'] ?? [])).toEqual([]);
});

test('with captureErrorMessages false, no export contains a record value', async () => {
  const bodies = await exported(false);
  expect(Object.keys(bodies).sort()).toEqual([...SIGNALS].sort());
  for (const signal of SIGNALS) {
    const bytes = Buffer.concat(bodies[signal] ?? []);
    expect(bytes.length).toBeGreaterThan(100);
    expect(bytes.includes(SECRET)).toBe(false);
  }
  // Errors are still recorded by type.
  expect(String(Buffer.concat(bodies['/v1/traces'] ?? []))).toContain('"exception.type"');
});
