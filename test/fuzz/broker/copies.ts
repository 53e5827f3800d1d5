import { isDeepStrictEqual } from 'node:util';
import { loadCopy } from '../captured/copy';

/**
 * Loaded with this module, before there is any instrumentation: from then on, its hook for `require` instruments every copy that
 * is loaded, also one that is meant to stay bare.
 */
export const COPIES = { bare: loadCopy(), instrumented: loadCopy(), reader: loadCopy() } as const;

const factories = () =>
  [COPIES.bare, COPIES.reader].map(({ kafkajs }) =>
    Object.getOwnPropertyDescriptors(kafkajs.Kafka.prototype),
  );
const untouched = factories();

/** @throws Error if somebody has touched a copy that nobody is to touch */
export function checkBare(): void {
  if (!isDeepStrictEqual(factories(), untouched)) throw new Error('the bare copy is not bare');
}
