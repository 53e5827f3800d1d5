import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT_CONTEXT, context, type Context } from '@opentelemetry/api';
import { recordClient } from '../../../src/clients/records';
import { withMessageSpan } from '../../../src/core/message-span';
import { addRecordTracer, removeRecordTracer } from '../../../src/core/record-span';
import type { Runtime } from '../../../src/runtime';

export type EventRecord = Readonly<Record<string, unknown>>;

export interface KafkaEvent {
  readonly records: Readonly<Record<string, readonly EventRecord[]>>;
}

/** An event as in AWS's documentation. Its records have trace headers of `producer('a')` and `producer('b')`. */
export const eventOf = (source: 'msk' | 'self-managed'): KafkaEvent =>
  JSON.parse(readFileSync(join(__dirname, `../../../fixtures/lambda/${source}.json`), 'utf8')) as KafkaEvent;

export const recordsOf = ({ records }: KafkaEvent): readonly EventRecord[] => Object.values(records).flat();

/** Calls `work` while an instrumentation with this runtime is enabled. */
export function whileEnabled<Result>(runtime: Runtime, work: () => Result): Result {
  addRecordTracer(runtime, recordClient);
  try {
    return work();
  } finally {
    removeRecordTracer(runtime);
  }
}

/** Calls a function in the span of a record. The function gets the active context. */
export const handleRecord = <Result>(
  runtime: Runtime,
  record: object,
  handle: (active: Context) => Result,
  caller = ROOT_CONTEXT,
): Result =>
  whileEnabled(runtime, () =>
    context.with(caller, () => withMessageSpan(record, () => handle(context.active()))),
  );
