import { isSwitchedOff, unknownVariables, variable } from '../../../src/config/environment';

describe('the kill switches', () => {
  test.each([
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'false' }],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'FALSE' }],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: ' false ' }],
    [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'kafkajs' }],
    [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http, kafkajs ,pg' }],
  ])('%j switches off', environment => {
    expect(isSwitchedOff(environment)).toBe(true);
  });

  test.each([
    [{}],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: '' }],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'true' }],
    [{ OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'no' }],
    [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: '' }],
    [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'kafkajs-extra,kafka' }],
  ])('%j does not', environment => {
    expect(isSwitchedOff(environment)).toBe(false);
  });
});

test('a variable that is empty or blank counts as unset, and others are trimmed', () => {
  const environment = { EMPTY: '', BLANK: '  ', SET: ' a b ' };
  expect(['EMPTY', 'BLANK', 'SET', 'ABSENT'].map(name => variable(environment, name))).toEqual([
    undefined,
    undefined,
    'a b',
    undefined,
  ]);
});

test('a variable with our prefix that nothing reads is found, others are none of our business', () => {
  const environment = {
    OTEL_INSTRUMENTATION_KAFKA_KNOWN: '1',
    OTEL_INSTRUMENTATION_KAFKA_MISSPELT: '1',
    OTEL_INSTRUMENTATION_HTTP_ENABLED: 'false',
    PATH: '/bin',
  };
  expect(unknownVariables(environment, ['KNOWN'])).toEqual(['OTEL_INSTRUMENTATION_KAFKA_MISSPELT']);
});
