import { spanName } from '../../../src/semconv/names';

test('a span is named by its operation and destination', () => {
  expect(spanName('send', 'orders')).toBe('send orders');
});

test('without a destination the operation stands alone', () => {
  expect(spanName('send', undefined)).toBe('send');
});
