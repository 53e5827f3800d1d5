import fc, { type Arbitrary } from 'fast-check';
import type { Program } from '../../run/observe';
import type { ConfluentCopy } from '../copy';
import { adminPrograms } from './administering';
import { configPrograms } from './configuring';
import { consumerPrograms } from './consuming';
import { producerPrograms, transactionPrograms } from './producing';

const KINDS = {
  producer: { weight: 9, arbitrary: producerPrograms() },
  transaction: { weight: 3, arbitrary: transactionPrograms() },
  consumer: { weight: 5, arbitrary: consumerPrograms() },
  admin: { weight: 2, arbitrary: adminPrograms() },
  config: { weight: 1, arbitrary: configPrograms() },
} as const;

/** Programs of one kind, or of all kinds. */
export function programs(kind?: string): Arbitrary<Program<ConfluentCopy>> {
  const chosen = Object.entries(KINDS).filter(([name]) => kind === undefined || name === kind);
  if (chosen.length === 0)
    throw new Error(`Unknown --kind ${kind ?? ''}; expected broker, ${Object.keys(KINDS).join(', ')}`);
  return fc.oneof(...chosen.map(([, weighted]) => weighted));
}
