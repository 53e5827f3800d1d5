import type { ErrorReader } from '../../core/port';

/**
 * Names of Kafka's protocol, as in kafkajs, for error codes that have another name in librdkafka.
 */
const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  2: 'CORRUPT_MESSAGE',
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  4: 'INVALID_FETCH_SIZE',
  10: 'MESSAGE_TOO_LARGE',
  11: 'STALE_CONTROLLER_EPOCH',
  14: 'GROUP_LOAD_IN_PROGRESS',
  15: 'GROUP_COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR_FOR_GROUP',
  17: 'INVALID_TOPIC_EXCEPTION',
};

/**
 * The code for an unknown error, which is also the default code of `KafkaJSError`. This code is ignored, because the error's
 * class says more.
 */
const UNKNOWN = -1;

/** Errors of librdkafka for messages that it does not try to send. */
const REFUSALS = new Set([
  '_INVALID_ARG',
  '_NOT_IMPLEMENTED',
  '_QUEUE_FULL',
  '_STATE',
  '_UNKNOWN_PARTITION',
  '_UNKNOWN_TOPIC',
]);

/**
 * Names errors by their numeric code. Most names are those of Kafka's protocol. Names of librdkafka's own errors start with
 * `_`.
 */
export function errorReader(codes: Readonly<Record<string, number>>): ErrorReader {
  const names = new Map(Object.entries(codes).map(([name, code]) => [code, name.replace(/^ERR_/, '')]));
  return {
    isLibraryError(error) {
      const { name, code } = error as { name?: unknown; code?: unknown };
      const isNamed = typeof name === 'string' && name.startsWith('KafkaJS');
      // Errors of librdkafka itself have the name "Error".
      return isNamed || (typeof code === 'number' && 'errno' in error && 'origin' in error);
    },
    protocolName(error) {
      const { code } = error as { code?: unknown };
      if (typeof code !== 'number' || code === UNKNOWN) return undefined;
      return PROTOCOL_NAMES[code] ?? names.get(code);
    },
    wasAttempted: errorType => /^_?[A-Z][A-Z0-9_]+$/.test(errorType) && !REFUSALS.has(errorType),
  };
}
