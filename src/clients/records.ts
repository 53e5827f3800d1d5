import type { ClientInfo } from '../core/port';
import { readHeaders } from '../propagation/header-forms';
import { kafkaJsErrors } from './kafkajs/client';
import { recordReader } from './shared/messages';

/**
 * What is known about the client of records that no instrumented client delivered, such as those of an AWS Lambda event: nothing.
 * Lambda encodes keys as base64, and headers as an array of `{ name: bytes }`.
 */
export const recordClient: ClientInfo = {
  messages: {
    ...recordReader,
    headers: message => readHeaders((message as { headers?: unknown }).headers),
    receivedHeaders: message => readHeaders((message as { headers?: unknown }).headers),
    key: message => decoded(recordReader.key(message)),
  },
  errors: kafkaJsErrors,
  group: undefined,
  clientId: () => undefined,
  clusterId: () => undefined,
  leader: () => undefined,
};

/** Text that is not base64 is a key that the program has decoded itself. */
function decoded(key: unknown): unknown {
  if (typeof key !== 'string') return key;
  const bytes = Buffer.from(key, 'base64');
  return bytes.toString('base64') === key ? bytes : key;
}
