import { closestTo, didYouMean } from '../../../src/support/spelling';

test.each([
  ['OTEL_SERVICE_NAM', 'OTEL_SERVICE_NAME'],
  ['OTEL_SERVICE', undefined],
])('%s means %s', (word, expected) => {
  expect(closestTo(word, ['OTEL_LOG_LEVEL', 'OTEL_SERVICE_NAME'])).toBe(expected);
});

test('the most similar name is proposed, whatever the case of its letters', () => {
  expect(didYouMean('CAPTUREKEYS', ['captureHeaders', 'captureKey'])).toBe(' Did you mean captureKey?');
  expect(didYouMean('brokers', ['captureHeaders', 'captureKey'])).toBe('');
});
