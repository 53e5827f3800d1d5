import { BrokerComparer } from './broker/comparer';
import { BROKER_MUTANTS } from './broker/mutants';
import { brokerPrograms } from './broker/programs';
import { loadCopy, loadWrappedCopy, type Copy } from './captured/copy';
import { CONTROL, MUTANTS } from './mutants';
import { programs } from './programs/all';
import type { FuzzedClient } from './run/client';
import { CapturedComparer } from './run/comparer';

export const kafkajs: FuzzedClient<Copy> = {
  name: 'kafkajs',
  command: '',
  section: 'fuzz',
  isSummarized: false,
  mutants: MUTANTS,
  brokerMutants: BROKER_MUTANTS,
  control: CONTROL,
  compared:
    "results and errors: their content, which object each one is, and whether it comes synchronously; the order of handler calls and commits; the bytes on the wire; unhandled rejections; and the program's own objects afterwards",
  captured: () =>
    new CapturedComparer(
      { bare: loadCopy(), instrumented: loadCopy() },
      { bare: loadWrappedCopy(), instrumented: loadWrappedCopy() },
    ),
  programs,
  onBroker: brokers =>
    new BrokerComparer(
      brokers,
      { bare: loadCopy(), instrumented: loadCopy() },
      { reader: loadCopy(), isRefusedWhole: true, comparable: record => record },
    ),
  brokerPrograms,
};
