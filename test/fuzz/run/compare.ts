import { inspect, isDeepStrictEqual } from 'node:util';
import type { Request } from '../captured/cluster';
import { readWire, type WireRecord } from '../captured/wire';
import type { Observation } from './observe';

/**
 * Returns the first difference between two runs. These differences are allowed:
 *
 * - trace headers: `traceparent`, `tracestate` and `baggage` (in upper or lower case) may be added or replaced if the
 * message then has a `traceparent`. They must not be removed without a replacement. All other headers keep their bytes
 * and order. If injection is off, requests must be identical.
 * - invalid requests: for a Uint8Array, kafkajs writes a request that no broker can decode. The request must be invalid
 * in both runs.
 * - timing: a result may arrive up to two microtasks later, so the order of concurrent results is not compared.
 * - thenables: if a wrapper below the instrumentation returns a thenable, the program may get a promise.
 * - copies: a custom partitioner gets a copy of the message. A record is sent as it was when `send` was called.
 */
export function difference(
  bare: Observation,
  instrumented: Observation,
  { injects }: { readonly injects: boolean },
): string | undefined {
  return (
    firstDifference('calls', bare.calls, instrumented.calls) ??
    firstDifference('order of events', bare.log, instrumented.log) ??
    firstDifference('unhandled', bare.unhandled, instrumented.unhandled) ??
    firstDifference("program's objects afterwards", bare.objects, instrumented.objects) ??
    requestDifference(bare.requests, instrumented.requests, injects) ??
    (injects
      ? recordDifference('produced', bare.produced, instrumented.produced)
      : firstDifference('produced', bare.produced, instrumented.produced))
  );
}

export function firstDifference(
  what: string,
  bare: readonly unknown[],
  instrumented: readonly unknown[],
): string | undefined {
  for (let index = 0; index < Math.max(bare.length, instrumented.length); index++) {
    if (isDeepStrictEqual(bare[index], instrumented[index])) continue;
    const show = (value: unknown) =>
      inspect(value, { depth: 8, breakLength: Infinity, maxStringLength: 400 });
    return `${what}, number ${index}:\n  bare:         ${show(bare[index])}\n  instrumented: ${show(instrumented[index])}`;
  }
  return undefined;
}

/** Compares the bytes of requests. Their number and order were compared with the other events. */
function requestDifference(
  bare: readonly Request[],
  instrumented: readonly Request[],
  injects: boolean,
): string | undefined {
  for (const [index, { api, bytes }] of bare.entries()) {
    const other = instrumented[index]?.bytes ?? Buffer.alloc(0);
    if (bytes.equals(other)) continue;
    const where = `request ${index} (${api})`;
    const [one, two] = api === 'Produce' && injects ? [readWire(bytes), readWire(other)] : [];
    if (api === 'Produce' && injects && !one && !two) continue;
    if (!one || !two)
      return `${where}:\n  bare:         ${bytes.toString('latin1')}\n  instrumented: ${other.toString('latin1')}`;
    const found =
      firstDifference(`${where}, batches`, one.settings, two.settings) ??
      recordDifference(where, one.records, two.records);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Ignores the changes of trace headers that are allowed. */
export function recordDifference(
  where: string,
  bare: readonly WireRecord[],
  instrumented: readonly WireRecord[],
): string | undefined {
  return (
    firstDifference(`${where}, records`, withoutTrace(bare), withoutTrace(instrumented)) ??
    traceHeaderDifference(where, bare, instrumented)
  );
}

const TRACE = new Set(['traceparent', 'tracestate', 'baggage']);
const isTrace = ([name]: readonly [string, unknown]) => TRACE.has(name.toLowerCase());

function withoutTrace(records: readonly WireRecord[]): unknown[] {
  return records.map(record => ({ ...record, headers: record.headers.filter(header => !isTrace(header)) }));
}

function traceHeaderDifference(
  where: string,
  bare: readonly WireRecord[],
  instrumented: readonly WireRecord[],
): string | undefined {
  return bare
    .map((record, index) => {
      const before = record.headers.filter(isTrace);
      const after = instrumented[index]?.headers.filter(isTrace) ?? [];
      if (after.filter(([name]) => name === 'traceparent').length === 1) return undefined;
      return firstDifference(`${where}, trace headers of record ${index}`, before, after);
    })
    .find(found => found !== undefined);
}
