import { isDeepStrictEqual } from 'node:util';
import { readProduce } from '../captured/answers';
import type { Request } from '../captured/cluster';
import type { Copy, WireRecord } from '../captured/copy';
import type { Observation } from './observe';

/**
 * What an instrumented run may differ in, and nothing else:
 *
 * - trace headers on the wire: `traceparent`, `tracestate` and `baggage`, in any letter case, may be added, and replaced where
 *   there are some, provided that a `traceparent` stands there afterwards. They never just vanish, all other headers keep their
 *   bytes and order, and where nothing is to be injected the requests are the same byte for byte.
 * - microtasks: a result may come at most two later, so nothing here depends on the order of concurrent results.
 * - the copy: a custom partitioner gets a copy of a message, and a record is sent as it was when `send` was called.
 */
export async function difference(
  bare: Observation,
  instrumented: Observation,
  { copy, injects }: { readonly copy: Copy; readonly injects: boolean },
): Promise<string | undefined> {
  return (
    unlike('calls', bare.calls, instrumented.calls) ??
    unlike('order of events', bare.log, instrumented.log) ??
    unlike('unhandled', bare.unhandled, instrumented.unhandled) ??
    unlike("program's objects afterwards", bare.objects, instrumented.objects) ??
    (await unlikeRequests(copy, bare.requests, instrumented.requests, injects))
  );
}

function unlike(what: string, bare: readonly unknown[], instrumented: readonly unknown[]): string | undefined {
  for (let index = 0; index < Math.max(bare.length, instrumented.length); index++) {
    if (isDeepStrictEqual(bare[index], instrumented[index])) continue;
    const show = (value: unknown) => JSON.stringify(value) ?? 'nothing';
    return `${what}, number ${index}:\n  bare:         ${show(bare[index])}\n  instrumented: ${show(instrumented[index])}`;
  }
  return undefined;
}

/** The order and number of requests have been compared with the order of events. */
async function unlikeRequests(
  copy: Copy,
  bare: readonly Request[],
  instrumented: readonly Request[],
  injects: boolean,
): Promise<string | undefined> {
  for (const [index, { api, bytes }] of bare.entries()) {
    const other = instrumented[index]?.bytes ?? Buffer.alloc(0);
    if (bytes.equals(other)) continue;
    const where = `bytes of request ${index} (${api})`;
    if (api !== 'Produce' || !injects)
      return `${where}:\n  bare:         ${bytes.toString('latin1')}\n  instrumented: ${other.toString('latin1')}`;
    const [one, two] = [await recordsOf(copy, bytes), await recordsOf(copy, other)];
    const found = unlike(where, withoutTrace(one), withoutTrace(two)) ?? lostTrace(where, one, two);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Sent extends WireRecord {
  readonly place: string;
}

/** The records of a request, or why there are none: kafkajs encodes some wrong values to bytes that no broker takes. */
async function recordsOf(copy: Copy, bytes: Buffer): Promise<readonly Sent[] | readonly string[]> {
  const sent: Sent[] = [];
  try {
    for (const { topic, partitions } of readProduce(copy, bytes)) {
      for (const { partition, records } of partitions) {
        const batch = await copy.internals.decodeRecordBatch(records as never);
        batch.records.forEach(record => {
          sent.push({ ...record, place: `${topic ?? ''}/${partition}` });
        });
      }
    }
    return sent;
  } catch {
    return ['not decodable'];
  }
}

const TRACE = new Set(['traceparent', 'tracestate', 'baggage']);
const isTrace = (name: string) => TRACE.has(name.toLowerCase());

function headersOf(record: Sent | string, wanted: (name: string) => boolean): [string, unknown][] {
  return typeof record === 'string' ? [] : Object.entries(record.headers).filter(([name]) => wanted(name));
}

function withoutTrace(records: readonly (Sent | string)[]): unknown[] {
  return records.map(record =>
    typeof record === 'string' ? record : { ...record, headers: headersOf(record, name => !isTrace(name)) },
  );
}

function lostTrace(
  where: string,
  bare: readonly (Sent | string)[],
  instrumented: readonly (Sent | string)[],
): string | undefined {
  return bare
    .map((record, index) => {
      const before = headersOf(record, isTrace);
      const after = headersOf(instrumented[index] ?? '', isTrace);
      if (after.some(([name]) => name === 'traceparent')) return undefined;
      return unlike(`${where}, trace headers of record ${index}`, before, after);
    })
    .find(found => found !== undefined);
}
