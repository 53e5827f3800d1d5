/* eslint-disable @typescript-eslint/no-deprecated -- v1.45 renamed what v1.44, the vocabulary written here, calls so. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import { vocabularyOf, type Facts } from '../../../src/semconv/vocabulary';

const { attributes, spanAttributes, metricAttributes } = vocabularyOf('1.44');

/** Every fact, a value of it, and what is written for that. */
const TABLE: { readonly [Field in keyof Required<Facts>]: readonly [Facts[Field], Record<string, unknown>] } =
  {
    operationName: ['send', { [incubating.ATTR_MESSAGING_OPERATION_NAME]: 'send' }],
    operationType: [
      'process',
      { [incubating.ATTR_MESSAGING_OPERATION_TYPE]: incubating.MESSAGING_OPERATION_TYPE_VALUE_PROCESS },
    ],
    destination: ['orders', { [incubating.ATTR_MESSAGING_DESTINATION_NAME]: 'orders' }],
    // The second one is not in the conventions: Last9's Go agent writes it, as a number.
    partition: [
      3,
      { [incubating.ATTR_MESSAGING_DESTINATION_PARTITION_ID]: '3', 'messaging.kafka.partition': 3 },
    ],
    offset: [42, { [incubating.ATTR_MESSAGING_KAFKA_OFFSET]: 42 }],
    key: ['customer-7', { [incubating.ATTR_MESSAGING_KAFKA_MESSAGE_KEY]: 'customer-7' }],
    tombstone: [true, { [incubating.ATTR_MESSAGING_KAFKA_MESSAGE_TOMBSTONE]: true }],
    batchCount: [500, { [incubating.ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: 500 }],
    group: ['billing', { [incubating.ATTR_MESSAGING_CONSUMER_GROUP_NAME]: 'billing' }],
    clientId: ['shop', { [incubating.ATTR_MESSAGING_CLIENT_ID]: 'shop' }],
    clusterId: [
      '5L6g3nShT-eMCtK--X86sw',
      { [incubating.ATTR_MESSAGING_KAFKA_CLUSTER_ID]: '5L6g3nShT-eMCtK--X86sw' },
    ],
    serverAddress: ['kafka-1', { [incubating.ATTR_SERVER_ADDRESS]: 'kafka-1' }],
    serverPort: [9092, { [incubating.ATTR_SERVER_PORT]: 9092 }],
    errorType: ['MESSAGE_TOO_LARGE', { [incubating.ATTR_ERROR_TYPE]: 'MESSAGE_TOO_LARGE' }],
    // Of our own: the conventions have no word for it.
    transactionOutcome: ['committed', { 'kafka.transaction.outcome': 'committed' }],
    restarts: [false, { 'kafka.consumer.restarts': false }],
    api: ['Produce', { 'kafka.api.name': 'Produce' }],
  };

test.each(Object.entries(TABLE))(
  'the fact %s is written under its published name',
  (field, [value, written]) => {
    expect(attributes({ [field]: value })).toEqual(written);
  },
);

test('zero is a value; undefined, and a tombstone that is none, are not written', () => {
  expect(attributes({ partition: 0, offset: 0 })).toEqual({
    'messaging.destination.partition.id': '0',
    'messaging.kafka.partition': 0,
    'messaging.kafka.offset': 0,
  });
  expect(attributes({ key: undefined, tombstone: false, destination: undefined })).toEqual({});
});

test('an empty key is a key', () => {
  expect(attributes({ key: '' })).toEqual({ 'messaging.kafka.message.key': '' });
});

test('every operation says that it is one of Kafka, and two never share an object', () => {
  expect(spanAttributes({ destination: 'orders' })).toEqual({
    [incubating.ATTR_MESSAGING_SYSTEM]: incubating.MESSAGING_SYSTEM_VALUE_KAFKA,
    'messaging.destination.name': 'orders',
  });
  expect(spanAttributes({})).toEqual({ 'messaging.system': 'kafka' });
});

describe('attributes that recur', () => {
  const optional = <Value>(...values: Value[]) => fc.constantFrom(undefined, ...values);
  const varying: fc.Arbitrary<Facts> = fc.record({
    partition: optional(0, 3),
    offset: optional(0, 42),
    key: optional('', 'k'),
    tombstone: optional(true, false),
    batchCount: optional(1, 500),
    serverAddress: optional('kafka-1', 'kafka-2'),
    serverPort: optional(9092, 9093),
  });
  const same: Facts = { operationName: 'process', destination: 'orders', group: 'billing', clientId: 'shop' };

  test.each(['1.44', '1.45', '1.44+1.45'] as const)('are those of %s, message after message', semconv => {
    const vocabulary = vocabularyOf(semconv);
    fc.assert(
      fc.property(fc.array(varying, { minLength: 2, maxLength: 20 }), sequence => {
        const recurring = vocabulary.recurring({ ...same, ...sequence[0] });
        const told = sequence.map(facts => recurring.attributes({ ...same, ...facts }));
        // Afterwards, lest a later message has written into an earlier one's.
        expect(told).toEqual(sequence.map(facts => vocabulary.spanAttributes({ ...same, ...facts })));
        expect(sequence.map(facts => vocabulary.varyingAttributes(facts))).toEqual(
          sequence.map(facts => vocabulary.attributes(facts)),
        );
      }),
    );
  });
});

test('a metric says each thing once', () => {
  expect(metricAttributes({ partition: 3 })).toEqual({
    'messaging.system': 'kafka',
    'messaging.destination.partition.id': '3',
  });
});

describe('v1.45', () => {
  const facts: Facts = {
    clusterId: 'c',
    key: 'k',
    tombstone: true,
    offset: 42,
    partition: 3,
    destination: 'orders',
  };
  const renamed = {
    [incubating.ATTR_KAFKA_CLUSTER_ID]: 'c',
    [incubating.ATTR_KAFKA_MESSAGE_KEY]: 'k',
    [incubating.ATTR_KAFKA_MESSAGE_TOMBSTONE]: true,
    [incubating.ATTR_KAFKA_OFFSET]: 42,
    [incubating.ATTR_MESSAGING_DESTINATION_PARTITION_ID]: '3',
    [incubating.ATTR_MESSAGING_DESTINATION_NAME]: 'orders',
  };

  test('calls what only Kafka has by other names', () => {
    expect(vocabularyOf('1.45').attributes(facts)).toEqual(renamed);
    expect(vocabularyOf('1.45').spanAttributes({})).toEqual({
      [incubating.ATTR_MESSAGING_SYSTEM_NAME]: incubating.MESSAGING_SYSTEM_NAME_VALUE_KAFKA,
    });
  });

  test('can be written beside v1.44', () => {
    expect(vocabularyOf('1.44+1.45').attributes(facts)).toEqual({ ...attributes(facts), ...renamed });
    expect(vocabularyOf('1.44+1.45').spanAttributes({})).toEqual({
      'messaging.system': 'kafka',
      'messaging.system.name': 'kafka',
    });
  });
});

test('no other file of the package spells an attribute name', () => {
  const sources = join(__dirname, '../../../src');
  const spelt = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && file !== join('semconv', 'vocabulary.ts'))
    // The names of metrics.
    .filter(file => file !== join('telemetry', 'metrics', 'instruments.ts'))
    .filter(file => {
      const code = readFileSync(join(sources, file), 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
      return /['"`](messaging|kafka|server|error|network)\.[a-z]/.test(code);
    });
  expect(spelt).toEqual([]);
});
