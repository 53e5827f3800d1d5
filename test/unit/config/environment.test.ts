import { isSwitchedOff, readList, readVariable, unknownVariables } from '../../../src/config/environment';

describe('the kill switches', () => {
  test.each([
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'false' }],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'FALSE' }],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: ' false ' }],
    [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'kafka' }],
    [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http, kafka ,pg' }],
  ])('%j switches off all clients', environment => {
    expect(isSwitchedOff(undefined, environment)).toBe(true);
    expect(isSwitchedOff('kafkajs', environment)).toBe(true);
  });

  test.each(['kafkajs', 'http, kafkajs ,pg'])('%p switches off that client alone', text => {
    const environment = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: text };
    expect(isSwitchedOff('kafkajs', environment)).toBe(true);
    expect(isSwitchedOff('confluent', environment)).toBe(false);
    expect(isSwitchedOff(undefined, environment)).toBe(false);
  });

  test.each([
    [{}],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: '' }],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'true' }],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'no' }],
    [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: '' }],
    [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'kafkajs-extra,kafka-streams' }],
  ])('%j switches off nothing', environment => {
    expect(isSwitchedOff(undefined, environment)).toBe(false);
    expect(isSwitchedOff('kafkajs', environment)).toBe(false);
  });
});

test('an empty or blank variable counts as unset, and spaces around a value are removed', () => {
  const environment = { EMPTY: '', BLANK: '  ', SET: ' a b ' };
  expect(['EMPTY', 'BLANK', 'SET', 'ABSENT'].map(name => readVariable(environment, name))).toEqual([
    undefined,
    undefined,
    'a b',
    undefined,
  ]);
});

test('only variables with our prefix that nothing reads are reported', () => {
  const environment = {
    OTEL_INSTRUMENTATION_KAFKA_KNOWN: '1',
    OTEL_INSTRUMENTATION_KAFKA_MISSPELT: '1',
    OTEL_INSTRUMENTATION_HTTP_ENABLED: 'false',
    PATH: '/bin',
  };
  expect(unknownVariables(environment, ['KNOWN'])).toEqual(['OTEL_INSTRUMENTATION_KAFKA_MISSPELT']);
});

test('a list is split at commas, without blanks and empty items', () => {
  const environment = { LIST: ' a, b c ,,d', BLANK: ' ', COMMAS: ' , ' };
  expect(['LIST', 'BLANK', 'COMMAS', 'ABSENT'].map(name => readList(environment, name))).toEqual([
    ['a', 'b c', 'd'],
    [],
    [],
    [],
  ]);
});
