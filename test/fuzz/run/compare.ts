import { inspect, isDeepStrictEqual } from 'node:util';
import type { Request } from '../captured/cluster';
import { readWire, type WireRecord } from '../captured/wire';
import type { Observation } from './observe';

/**
 * What an instrumented run may differ in, and nothing else:
 *
 * - trace headers on the wire: `traceparent`, `tracestate` and `baggage`, in any letter case, may be added, and replaced where
 *   there are some, provided that a `traceparent` stands there afterwards. They never just vanish, all other headers keep their
 *   bytes and order, and where nothing is to be injected the requests are the same byte for byte. A request that no broker could
 *   read (kafkajs encodes a Uint8Array so) must be one in both runs.
 * - microtasks: a result may come at most two later, so nothing here depends on the order of concurrent results.
 * - a thenable that a wrapper below the instrumentation returns may come as a promise: awaited, they are the same.
 * - the copy: a custom partitioner gets a copy of a message, and a record is sent as it was when `send` was called.
 */
export function difference(
  bare: Observation,
  instrumented: Observation,
  { injects }: { readonly injects: boolean },
): string | undefined {
  return (
    unlike('calls', bare.calls, instrumented.calls) ??
    unlike('order of events', bare.log, instrumented.log) ??
    unlike('unhandled', bare.unhandled, instrumented.unhandled) ??
    unlike("program's objects afterwards", bare.objects, instrumented.objects) ??
    unlikeRequests(bare.requests, instrumented.requests, injects)
  );
}

export function unlike(
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

/** The order and number of requests have been compared with the order of events. */
function unlikeRequests(
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
      unlike(`${where}, batches`, one.settings, two.settings) ??
      unlikeRecords(where, one.records, two.records);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Records that differ in more than the trace headers. */
export function unlikeRecords(
  where: string,
  bare: readonly WireRecord[],
  instrumented: readonly WireRecord[],
): string | undefined {
  return (
    unlike(`${where}, records`, withoutTrace(bare), withoutTrace(instrumented)) ??
    lostTrace(where, bare, instrumented)
  );
}

const TRACE = new Set(['traceparent', 'tracestate', 'baggage']);
const isTrace = ([name]: readonly [string, unknown]) => TRACE.has(name.toLowerCase());

function withoutTrace(records: readonly WireRecord[]): unknown[] {
  return records.map(record => ({ ...record, headers: record.headers.filter(header => !isTrace(header)) }));
}

function lostTrace(
  where: string,
  bare: readonly WireRecord[],
  instrumented: readonly WireRecord[],
): string | undefined {
  return bare
    .map((record, index) => {
      const before = record.headers.filter(isTrace);
      const after = instrumented[index]?.headers.filter(isTrace) ?? [];
      if (after.filter(([name]) => name === 'traceparent').length === 1) return undefined;
      return unlike(`${where}, trace headers of record ${index}`, before, after);
    })
    .find(found => found !== undefined);
}
