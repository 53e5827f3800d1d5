import { eachMessage, headersOf, plain, withHeaders } from '../mutants';
import { SENDS, withArgument, type Mutant } from '../mutant';

/** Faults that only the records on the broker show. */
export const BROKER_MUTANTS: readonly Mutant[] = [
  withArgument('drops a header of the program', SENDS, request =>
    eachMessage(request, message =>
      withHeaders(message, Object.fromEntries(Object.entries(headersOf(message) ?? {}).slice(1))),
    ),
  ),
  withArgument('alters a byte of a key', SENDS, request =>
    eachMessage(request, message => {
      const key = plain(message)?.['key'];
      if (typeof key !== 'string' && !Buffer.isBuffer(key)) return message;
      const altered = Buffer.from(key as string);
      altered[0] = (altered[0] ?? 0) ^ 1;
      return { ...(message as object), key: altered };
    }),
  ),
  withArgument('drops the timestamp of a message', SENDS, request =>
    eachMessage(request, message =>
      plain(message)?.['timestamp'] === undefined
        ? message
        : { ...(message as object), timestamp: undefined },
    ),
  ),
];
