import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReceivedMetric, ReceivedSpan } from '../support/otlp';
import type { Fault } from './attributes';
import { declaredBy, exceptions } from './declared';
import { metricFaults } from './metrics';
import { undocumentedOnMetric, undocumentedOnSpan } from './reference';
import { spanFaults, type Declared } from './spans';

/** The instrumentation scope of this package. Spans with another scope are not checked. */
const { name: SCOPE } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
  readonly name: string;
};

const declared = new Map<string, Declared>();
const found = new Map<string, number>();

// Check after all tests of a file. A check inside a test would also report errors that the test causes on purpose. jest
// reports the file, and each violation names its program.
if (typeof afterAll === 'function') afterAll(report);

/** Stores the options of a program under the URL of its collector. */
export function watchProgram(env: Readonly<Record<string, string | undefined>>): void {
  const url = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (url !== undefined) declared.set(url, { ...declared.get(url), ...declaredBy(env) });
}

const received: { readonly url: string; readonly span: ReceivedSpan }[] = [];

/** Stores received spans. They are checked when all spans have arrived. */
export function watchSpans(url: string, spans: readonly ReceivedSpan[]): void {
  for (const span of spans) if (span.scope === SCOPE) received.push({ url, span });
}

function checkSpans(): void {
  const ofConsumers = received.filter(({ span }) => span.kind === 'CONSUMER');
  const handlers = new Set(ofConsumers.map(({ span }) => span.spanId));
  for (const { url, span } of received) {
    // A message without a trace context belongs to the span of its batch and has no other context to link to.
    const inBatch = span.parentSpanId !== undefined && handlers.has(span.parentSpanId);
    note(`${span.service}: span "${span.name}" (${span.kind})`, [
      ...spanFaults(span, { ...declared.get(url), ...(inBatch ? { parentOnly: true } : {}) }),
      ...undocumentedOnSpan(span),
    ]);
  }
}

export function watchMetrics(metrics: readonly ReceivedMetric[]): void {
  for (const metric of metrics.filter(({ scope }) => scope === SCOPE))
    note(`${metric.service}: metric ${metric.name}`, [
      ...metricFaults(metric),
      ...undocumentedOnMetric(metric),
    ]);
}

function note(subject: string, faults: readonly Fault[]): void {
  for (const { rule, message } of faults) {
    if (isExcepted(rule)) continue;
    const line = `${subject}: ${message} [${rule}]`;
    found.set(line, (found.get(line) ?? 0) + 1);
  }
}

function isExcepted(rule: Fault['rule']): boolean {
  if (typeof expect !== 'function') return false;
  const path = expect.getState().testPath ?? '';
  return exceptions.some(exception => exception.rule === rule && path.endsWith(exception.file));
}

/** Makes a test file fail once, with all violations of its programs. */
function report(): void {
  checkSpans();
  if (found.size === 0) return;
  const lines = [...found].map(([line, times]) => (times > 1 ? `${line}, ${times} times` : line));
  throw new Error(`Telemetry violates the rules of test/conformance:\n${lines.join('\n')}`);
}
