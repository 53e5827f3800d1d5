import type { ErrorReader } from '../../core/port';

/** librdkafka has other names for these error codes. These are the names in Kafka's protocol, which kafkajs uses too. */
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

/** The default code of `KafkaJSError`. It is ignored, because the class name of the error says more. */
const UNKNOWN = -1;

/** librdkafka's errors for messages that it refuses without trying to send them. */
const REFUSALS = new Set([
  '_INVALID_ARG',
  '_NOT_IMPLEMENTED',
  '_QUEUE_FULL',
  '_STATE',
  '_UNKNOWN_PARTITION',
  '_UNKNOWN_TOPIC',
]);

/**
 * Finds the names of errors by their numeric codes. Most are names of Kafka's protocol. Names of librdkafka's own errors
 * start with `_`.
 */
export function errorReader(codes: Readonly<Record<string, number>>): ErrorReader {
  const names = new Map(Object.entries(codes).map(([name, code]) => [code, name.replace(/^ERR_/, '')]));
  return {
    isLibraryError(error) {
      const { name, code } = error as { name?: unknown; code?: unknown };
      const isNamed = typeof name === 'string' && name.startsWith('KafkaJS');
      // librdkafka's own errors have the name "Error", so other fields must identify them.
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
