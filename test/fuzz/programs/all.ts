import fc, { type Arbitrary } from 'fast-check';
import type { Program } from '../run/observe';
import { administering } from './administering';
import { consuming } from './consuming';
import { producing, transacting } from './producing';
import { wrapping } from './below';

const KINDS = {
  producer: { weight: 9, arbitrary: producing() },
  transaction: { weight: 3, arbitrary: transacting() },
  consumer: { weight: 3, arbitrary: consuming() },
  admin: { weight: 2, arbitrary: administering() },
  wrapped: { weight: 3, arbitrary: wrapping() },
} as const;

/** Programs of every kind, or of one. */
export function programs(kind?: string): Arbitrary<Program> {
  const chosen = Object.entries(KINDS).filter(([name]) => kind === undefined || name === kind);
  if (chosen.length === 0) throw new Error(`--kind is one of ${Object.keys(KINDS).join(', ')}`);
  return fc.oneof(...chosen.map(([, weighted]) => weighted));
}
