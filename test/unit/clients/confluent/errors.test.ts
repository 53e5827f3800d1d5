import { errorReader } from '../../../../src/clients/confluent/errors';
import { errorType } from '../../../../src/core/errors';
import { CODES } from './promise-api';

const reader = errorReader(CODES);

/** An error of the promise API. */
const api = (name: string, code: number) => Object.assign(new Error('m'), { name, code });
/** An error of librdkafka's binding. Its name is "Error". */
const raw = (code: number) => Object.assign(new Error('m'), { code, errno: code, origin: 'local' });

test.each([
  ['a protocol error', api('KafkaJSProtocolError', 1), 'OFFSET_OUT_OF_RANGE'],
  [
    'a protocol error that librdkafka names differently',
    api('KafkaJSProtocolError', 3),
    'UNKNOWN_TOPIC_OR_PARTITION',
  ],
  ['a protocol error with two names', api('KafkaJSProtocolError', 14), 'GROUP_LOAD_IN_PROGRESS'],
  ['an error of librdkafka itself', api('KafkaJSError', -172), '_STATE'],
  ['an error that `produce` throws', raw(10), 'MESSAGE_TOO_LARGE'],
  ['an error without a known code', api('KafkaJSError', -1), 'KafkaJSError'],
  ['a code that this release does not list', api('KafkaJSProtocolError', 9999), 'KafkaJSProtocolError'],
  [
    "a program's error with a number as its code",
    Object.assign(new RangeError('m'), { code: 10 }),
    'RangeError',
  ],
])('%s has its name as error.type', (_what, error, type) => {
  expect(errorType(error, reader)).toBe(type);
});

test.each([
  ['MESSAGE_TOO_LARGE', true],
  ['_MSG_TIMED_OUT', true],
  ['_TRANSPORT', true],
  ['_STATE', false],
  ['_QUEUE_FULL', false],
  ['_UNKNOWN_PARTITION', false],
  ['TypeError', false],
  ['Error', false],
])('a send that failed with %s was attempted: %s', (type, wasAttempted) => {
  expect(reader.wasAttempted(type)).toBe(wasAttempted);
});
