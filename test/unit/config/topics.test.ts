import { topicMatcher, valueByTopic } from '../../../src/config/topics';

describe('a topic pattern', () => {
  test.each([
    ['orders', 'orders', true],
    ['orders', 'orders-eu', false],
    ['orders-*', 'orders-eu', true],
    ['orders-*', 'orders', false],
    ['*', 'any.topic-of_all', true],
    ['*', '.hidden', true],
    ['*', '__consumer_offsets', true],
    ['shop.*', 'shop.orders.eu', true],
    ['{orders,bills}', 'bills', true],
    ['{orders,bills}-*', 'bills-eu', true],
    ['v?', 'v1', true],
    ['v?', 'v10', false],
    ['!internal-*', 'internal-audit', false],
    ['!internal-*', 'orders', true],
    ['!(internal-*|tmp-*)', 'tmp-1', false],
    ['!(internal-*|tmp-*)', 'orders', true],
    ['Orders', 'orders', false],
  ])('%p on %p: %p', (glob, topic, expected) => {
    expect(topicMatcher(glob)(topic)).toBe(expected);
  });

  test('a regular expression need not match from start to end', () => {
    expect(topicMatcher(/^orders-\d+$/)('orders-12')).toBe(true);
    expect(topicMatcher(/^orders-\d+$/)('old-orders-12')).toBe(false);
    expect(topicMatcher(/orders/i)('old-ORDERS-12')).toBe(true);
  });

  test.each(['g', 'y', 'gy'])('a regular expression with the %s flag matches every time', flags => {
    const matches = topicMatcher(new RegExp('orders', flags));
    expect([matches('orders'), matches('orders'), matches('orders')]).toEqual([true, true, true]);
  });

  test('a list matches if any pattern does, and an empty list never does', () => {
    const matches = topicMatcher(['orders', /^bills/]);
    expect(['orders', 'bills-eu', 'clicks'].map(matches)).toEqual([true, true, false]);
    expect(topicMatcher([])('orders')).toBe(false);
  });
});

describe('the value for a topic', () => {
  test('is that of the first matching rule, or the fallback', () => {
    const value = valueByTopic('default', [
      { topics: 'ticks-eu', use: 'first' },
      { topics: ['ticks-*', 'clicks'], use: 'second' },
    ]);
    expect(['ticks-eu', 'ticks-us', 'clicks', 'orders'].map(value)).toEqual([
      'first',
      'second',
      'second',
      'default',
    ]);
  });

  test('is the fallback for a topic named like a property of every object', () => {
    const value = valueByTopic('default', [{ topics: 'ticks', use: 'rule' }]);
    expect(['constructor', '__proto__', 'toString'].map(value)).toEqual(['default', 'default', 'default']);
  });

  test('may be false', () => {
    const value = valueByTopic(true, [{ topics: 'strangers', use: false }]);
    expect([value('strangers'), value('strangers'), value('orders')]).toEqual([false, false, true]);
  });

  test('is evaluated once per topic while few topics are used, and is correct for any number', () => {
    const pattern = /^even-/;
    const evaluated = jest.spyOn(pattern, 'test');
    const value = valueByTopic('odd', [{ topics: pattern, use: 'even' }]);
    for (let count = 0; count < 3; count++) value('even-1');
    expect(evaluated).toHaveBeenCalledTimes(1);

    for (let topic = 0; topic < 2000; topic++) value(`topic-${topic}`);
    evaluated.mockClear();
    expect([value('even-1'), value('even-late'), value('even-late'), value('late')]).toEqual([
      'even',
      'even',
      'even',
      'odd',
    ]);
    expect(evaluated.mock.calls).toEqual([['even-late'], ['even-late'], ['late']]);
  });
});
