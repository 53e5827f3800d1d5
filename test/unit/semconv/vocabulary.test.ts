/* eslint-disable @typescript-eslint/no-deprecated -- v1.45 deprecates the names of v1.44. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import {
  capturedHeader,
  destinationOf,
  exceptionEvent,
  vocabularyOf,
  type OperationFacts,
} from '../../../src/semconv/vocabulary';
import { registry124 } from '../../conformance/registry';

const current = vocabularyOf('1.44');
const attributes = (facts: OperationFacts) => current.attributes(facts);
const spanAttributes = (facts: OperationFacts) => current.spanAttributes(facts);
const metricAttributes = (facts: OperationFacts) => current.metricAttributes(facts);

/** Every fact with a value, and the attributes for it. */
const TABLE: {
  readonly [Field in keyof Required<OperationFacts>]: readonly [
    OperationFacts[Field],
    Record<string, unknown>,
  ];
} = {
  operationName: ['send', { [incubating.ATTR_MESSAGING_OPERATION_NAME]: 'send' }],
  operationType: [
    'process',
    { [incubating.ATTR_MESSAGING_OPERATION_TYPE]: incubating.MESSAGING_OPERATION_TYPE_VALUE_PROCESS },
  ],
  destination: ['orders', { [incubating.ATTR_MESSAGING_DESTINATION_NAME]: 'orders' }],
  // The second attribute is not in the conventions. Last9's Go agent writes it, as a number.
  partition: [
    3,
    { [incubating.ATTR_MESSAGING_DESTINATION_PARTITION_ID]: '3', 'messaging.kafka.partition': 3 },
  ],
  offset: [42, { [incubating.ATTR_MESSAGING_KAFKA_OFFSET]: 42 }],
  key: ['customer-7', { [incubating.ATTR_MESSAGING_KAFKA_MESSAGE_KEY]: 'customer-7' }],
  tombstone: [true, { [incubating.ATTR_MESSAGING_KAFKA_MESSAGE_TOMBSTONE]: true }],
  bodySize: [1439, { [incubating.ATTR_MESSAGING_MESSAGE_BODY_SIZE]: 1439 }],
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
  // An attribute of this package, because the conventions have none.
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

test('zero is written; undefined and a false tombstone are not', () => {
  expect(attributes({ partition: 0, offset: 0 })).toEqual({
    'messaging.destination.partition.id': '0',
    'messaging.kafka.partition': 0,
    'messaging.kafka.offset': 0,
  });
  expect(attributes({ key: undefined, tombstone: false, destination: undefined })).toEqual({});
});

test('an empty key is written', () => {
  expect(attributes({ key: '' })).toEqual({ 'messaging.kafka.message.key': '' });
});

test('every span names Kafka as its system', () => {
  expect(spanAttributes({ destination: 'orders' })).toEqual({
    [incubating.ATTR_MESSAGING_SYSTEM]: incubating.MESSAGING_SYSTEM_VALUE_KAFKA,
    'messaging.destination.name': 'orders',
  });
  expect(spanAttributes({})).toEqual({ 'messaging.system': 'kafka' });
});

test('a metric has each fact once', () => {
  expect(metricAttributes({ partition: 3 })).toEqual({
    'messaging.system': 'kafka',
    'messaging.destination.partition.id': '3',
  });
});

describe('v1.45', () => {
  const facts: OperationFacts = {
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

  test('has other names for the facts that are specific to Kafka', () => {
    expect(vocabularyOf('1.45').attributes(facts)).toEqual(renamed);
    expect(vocabularyOf('1.45').spanAttributes({})).toEqual({
      [incubating.ATTR_MESSAGING_SYSTEM_NAME]: incubating.MESSAGING_SYSTEM_NAME_VALUE_KAFKA,
    });
  });

  test('can be written together with v1.44', () => {
    expect(vocabularyOf('1.44+1.45').attributes(facts)).toEqual({ ...attributes(facts), ...renamed });
    expect(vocabularyOf('1.44+1.45').spanAttributes({})).toEqual({
      'messaging.system': 'kafka',
      'messaging.system.name': 'kafka',
    });
  });
});

describe('v1.24', () => {
  const older = vocabularyOf('1.24');
  const facts: OperationFacts = {
    operationName: 'process',
    operationType: 'process',
    destination: 'orders',
    partition: 3,
    offset: 42,
    key: 'k',
    tombstone: true,
    group: 'billing',
    clientId: 'shop',
    clusterId: 'c',
    bodySize: 5,
    batchCount: 2,
    serverAddress: 'kafka-1',
    serverPort: 9092,
    errorType: 'Error',
  };
  const named = {
    [incubating.ATTR_MESSAGING_SYSTEM]: 'kafka',
    [incubating.ATTR_MESSAGING_OPERATION]: 'process',
    [incubating.ATTR_MESSAGING_DESTINATION_NAME]: 'orders',
    [incubating.ATTR_MESSAGING_KAFKA_DESTINATION_PARTITION]: 3,
    [incubating.ATTR_MESSAGING_KAFKA_MESSAGE_OFFSET]: 42,
    [incubating.ATTR_MESSAGING_KAFKA_MESSAGE_KEY]: 'k',
    [incubating.ATTR_MESSAGING_KAFKA_MESSAGE_TOMBSTONE]: true,
    [incubating.ATTR_MESSAGING_KAFKA_CONSUMER_GROUP]: 'billing',
    // The incubating entry point has no constant for this attribute.
    'messaging.client_id': 'shop',
    [incubating.ATTR_MESSAGING_MESSAGE_BODY_SIZE]: 5,
    [incubating.ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: 2,
    [incubating.ATTR_SERVER_ADDRESS]: 'kafka-1',
    [incubating.ATTR_SERVER_PORT]: 9092,
    [incubating.ATTR_ERROR_TYPE]: 'Error',
  };

  test('has its own names, and none for the cluster id', () => {
    expect(older.spanAttributes(facts)).toEqual(named);
  });

  test('has the names and types of its registry', () => {
    const types = new Map(registry124.attributes.map(({ name, type }) => [name, type]));
    const written = Object.entries(older.spanAttributes(facts)).map(([name, value]) => [
      name,
      typeof value === 'number' ? 'int' : typeof value,
    ]);
    expect(written).toEqual(written.map(([name = '']) => [name, types.get(name)]));
  });

  test.each([
    ['send', 'send', 'publish'],
    ['create', 'create', 'create'],
    ['process', 'process', 'process'],
    // A name in the style of the Go agent does not change the operation.
    ['receive', 'process', 'process'],
    ['commit', 'settle', 'commit'],
    ['createTopics', undefined, 'createTopics'],
  ] as const)('calls the operation %s of type %s %s', (operationName, operationType, operation) => {
    expect(older.attributes({ operationName, operationType })).toEqual({ 'messaging.operation': operation });
  });

  test('can be written together with other versions, in any order', () => {
    const joined = { ...named, ...current.spanAttributes(facts) };
    expect(vocabularyOf('1.24+1.44').spanAttributes(facts)).toEqual(joined);
    expect(vocabularyOf('1.44+1.24').spanAttributes(facts)).toEqual(joined);
    expect(vocabularyOf('1.24+1.44+1.45').spanAttributes(facts)).toEqual({
      ...joined,
      ...vocabularyOf('1.45').spanAttributes(facts),
    });
  });

  test('does not change metrics', () => {
    const metric: OperationFacts = { operationName: 'send', operationType: 'send', group: 'g', partition: 1 };
    expect(older.metricAttributes(metric)).toEqual(metricAttributes(metric));
    expect(vocabularyOf('1.24+1.44').metricAttributes(metric)).toEqual(metricAttributes(metric));
    expect(vocabularyOf('1.24+1.45').metricAttributes(metric)).toEqual(
      vocabularyOf('1.45').metricAttributes(metric),
    );
  });
});

test('every call returns a new object, so that a sampler may change it', () => {
  const facts: OperationFacts = { destination: 'orders' };
  for (const write of [attributes, spanAttributes, metricAttributes])
    expect(write(facts)).not.toBe(write(facts));
});

test('the topic of a span is read in every vocabulary, and only from spans of Kafka', () => {
  for (const semconv of ['1.24', '1.44', '1.45', '1.44+1.45'] as const) {
    const vocabulary = vocabularyOf(semconv);
    expect(destinationOf(vocabulary.spanAttributes({ destination: 'orders' }))).toBe('orders');
    expect(destinationOf(vocabulary.spanAttributes({}))).toBeUndefined();
  }
  const rabbit = { 'messaging.system': 'rabbitmq', 'messaging.destination.name': 'orders' };
  expect([destinationOf(rabbit), destinationOf({})]).toEqual([undefined, undefined]);
});

test('the event of an exception has the type of its operation', () => {
  expect(exceptionEvent('process')).toBe('messaging.process.exception');
  expect(exceptionEvent(undefined)).toBe('exception');
});

test("a captured header is named as OpenTelemetry's Java agent names it", () => {
  expect(capturedHeader('tenant-id')).toBe('messaging.header.tenant-id');
});

test('no other file of the package spells an attribute name', () => {
  const sources = join(__dirname, '../../../src');
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && file !== join('semconv', 'vocabulary.ts'))
    // This file contains names of metrics.
    .filter(file => file !== join('metrics', 'instruments.ts'))
    .filter(file => {
      const code = readFileSync(join(sources, file), 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
      return /['"`](messaging|kafka|server|error|network)\.[a-z]/.test(code);
    });
  expect(files).toEqual([]);
});
