import fc, { type Arbitrary } from 'fast-check';
import type { Copy } from '../captured/copy';
import type { Program } from '../run/observe';
import { adminPrograms } from './administering';
import { consumerPrograms } from './consuming';
import { producerPrograms, transactionPrograms } from './producing';
import { wrappedPrograms } from './wrapped';

const KINDS = {
  producer: { weight: 9, arbitrary: producerPrograms() },
  transaction: { weight: 3, arbitrary: transactionPrograms() },
  consumer: { weight: 3, arbitrary: consumerPrograms() },
  admin: { weight: 2, arbitrary: adminPrograms() },
  wrapped: { weight: 3, arbitrary: wrappedPrograms() },
} as const;

/** Programs of one kind, or of all kinds. */
export function programs(kind?: string): Arbitrary<Program<Copy>> {
  const chosen = Object.entries(KINDS).filter(([name]) => kind === undefined || name === kind);
  if (chosen.length === 0)
    throw new Error(`Unknown --kind ${kind ?? ''}; expected broker, ${Object.keys(KINDS).join(', ')}`);
  return fc.oneof(...chosen.map(([, weighted]) => weighted));
}
