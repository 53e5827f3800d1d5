import { BrokerComparer } from '../broker/comparer';
import { loadCopy } from '../captured/copy';
import type { WireRecord } from '../captured/wire';
import type { FuzzedClient } from '../run/client';
import { CapturedComparer } from '../run/comparer';
import { brokerPrograms } from './broker-programs';
import { loadConfluentCopy, type ConfluentCopy } from './copy';
import { BROKER_MUTANTS, CONTROL, MUTANTS } from './mutants';
import { programs } from './programs/all';

/** @param lab - a folder whose `node_modules` has the client */
export function confluent(lab: string): FuzzedClient<ConfluentCopy> {
  const copies = (isCaptured: boolean) => ({
    bare: loadConfluentCopy(lab, { isCaptured }),
    instrumented: loadConfluentCopy(lab, { isCaptured }),
  });
  return {
    name: "Confluent's client",
    command: ' --client=confluent',
    section: 'fuzz-confluent',
    isSummarized: true,
    mutants: [...MUTANTS, ...BROKER_MUTANTS],
    brokerMutants: BROKER_MUTANTS,
    control: CONTROL,
    compared:
      "results and errors: their content, which object each one is, and whether it comes synchronously; the order of handler calls, commits and log entries; what librdkafka's binding is given; unhandled rejections; and the program's own objects afterwards",
    captured: () => new CapturedComparer(copies(true)),
    programs,
    onBroker: brokers =>
      new BrokerComparer(brokers, copies(false), {
        reader: loadCopy(),
        // A rejected call may have written some of its messages.
        isRefusedWhole: false,
        comparable: withoutClock,
      }),
    brokerPrograms,
  };
}

/** Later than any timestamp of a program. */
const CLOCK = 1_750_000_000_000;

/** Removes current timestamps: librdkafka adds one to a message that has none. */
const withoutClock = (record: WireRecord): WireRecord =>
  Number(record.timestamp) > CLOCK ? { ...record, timestamp: 'now' } : record;
