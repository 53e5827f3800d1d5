import { DEFAULTS, PREFIX, plain, read } from './reading';

test.each([
  ['captureKeys', 'captureKey'],
  ['producerspans', 'producerSpans'],
  ['ConsumerHook', 'consumerHook'],
  ['semConv', 'semconv'],
])('the misspelt option %s is reported, with the one that is meant', (name, meant) => {
  const { settings, problems } = read({ [name]: 'keep' });
  expect(plain(settings)).toEqual(DEFAULTS);
  expect(problems).toEqual([`the option ${name} does not exist and is ignored. Did you mean ${meant}?`]);
});

test('an option that resembles none is reported without a proposal', () => {
  expect(read({ responseHook: () => undefined }).problems).toEqual([
    'the option responseHook does not exist and is ignored. See docs/configuration.md for the names.',
  ]);
});

test.each([
  ['TOPIC', 'TOPICS'],
  ['CONSUMER_CONTEXTS', 'CONSUMER_CONTEXT'],
  ['REGISTRE', 'REGISTER'],
  ['SEMCOV', 'SEMCONV'],
])('the misspelt variable %s is reported, with the one that is meant', (name, meant) => {
  expect(read({}, { [PREFIX + name]: 'x' }).problems).toEqual([
    `${PREFIX}${name} is not a variable of @org/kafka-otel and is ignored. Did you mean ${PREFIX}${meant}?`,
  ]);
});

test('a variable that resembles none is reported without a proposal', () => {
  expect(read({}, { [`${PREFIX}BROKER_LIST`]: 'x' }).problems).toEqual([
    `${PREFIX}BROKER_LIST is not a variable of @org/kafka-otel and is ignored. See docs/configuration.md for the names.`,
  ]);
});

test('a version as a number is reported with the string that is meant', () => {
  expect(read({ semconv: 1.45 }).problems[0]).toContain('Write it as a string: "1.45".');
});

describe('a wrong value', () => {
  /** Option, value, and a part of the message. */
  const WRONG: [string, unknown, string][] = [
    ['producerSpans', 'each', 'call, message'],
    ['producerSpans', 7, 'call, message'],
    ['consumerContext', 'linked', 'parent-and-link, parent, link'],
    ['consumerContext', 'parent,ticks-*=linked', 'parent-and-link, parent, link'],
    ['consumerContext', 'parent,', 'parent-and-link, parent, link'],
    ['consumerContext', '=link', 'parent-and-link, parent, link'],
    ['consumerContext', [{ topics: 'a', use: 'linked' }], 'parent-and-link, parent, link'],
    ['consumerContext', [{ use: 'link' }], 'parent-and-link, parent, link'],
    ['consumerContext', [{ topics: [7], use: 'link' }], 'parent-and-link, parent, link'],
    ['consumerContext', [{ topics: '', use: 'link' }], 'parent-and-link, parent, link'],
    ['consumerContext', [null], 'parent-and-link, parent, link'],
    ['consumerContext', ['link'], 'parent-and-link, parent, link'],
    ['consumerContext', { topics: 'a', use: 'link' }, 'parent-and-link, parent, link'],
    ['propagation', 'both', 'true, inject, extract, false'],
    ['propagation', null, 'true, inject, extract, false'],
    ['existingContext', 'drop', 'auto, keep, replace'],
    ['existingContext', Symbol('keep'), 'auto, keep, replace'],
    ['existingContext', 10n, 'auto, keep, replace'],
    ['topics', '', 'globs such as "orders-*,!orders-test", or { include, exclude }'],
    ['topics', 'orders,', 'globs such as'],
    ['topics', 'orders,!', 'globs such as'],
    ['topics', 7, 'globs such as'],
    ['topics', { include: [7] }, 'globs such as'],
    ['topics', { exclude: '' }, 'globs such as'],
    ['filter', 'orders', 'a function'],
    ['spanName', 'sarama', 'semconv, go-agent, a function'],
    ['spanName', {}, 'semconv, go-agent, a function'],
    ['commitSpans', 'all', 'manual, none'],
    ['adminSpans', true, 'auto, all, none'],
    ['captureHeaders', [7], 'globs or regular expressions'],
    ['captureHeaders', 'x-*,', 'globs or regular expressions'],
    ['semconv', '1.43', '1.24, 1.44, 1.45, or several joined by +'],
    ['semconv', '1.44+1.44', '1.24, 1.44, 1.45, or several joined by +'],
    ['semconv', '1.44+', '1.24, 1.44, 1.45, or several joined by +'],
    ['semconv', 1.45, '1.24, 1.44, 1.45, or several joined by +'],
    ['metrics', 'off', 'true or false'],
    ['requestMetrics', 1, 'true or false'],
    ['enabled', 'no', 'true or false'],
    ['captureKey', 'yes', 'true or false'],
    ['captureSizes', 'bytes', 'true or false'],
    ['captureKey', 0, 'true or false'],
    ['captureErrorMessages', 'constructor', 'true or false'],
    ['producerHook', 'log', 'a function'],
    ['consumerHook', {}, 'a function'],
    ['batchHook', true, 'a function'],
  ];

  test.each(WRONG)(
    '%s: %p is reported with the allowed values, and the default applies',
    (option, value, allowed) => {
      const { settings, problems } = read({ [option]: value });
      expect(plain(settings)).toEqual(DEFAULTS);
      expect(problems).toEqual([expect.stringContaining(`the option ${option} is `)]);
      expect(problems[0]).toContain(allowed);
      expect(problems[0]).not.toContain('is undefined');
    },
  );

  test.each(
    WRONG.filter(([, value]) => typeof value === 'string' && value !== '').filter(
      ([name]) => !name.endsWith('Hook') && name !== 'filter',
    ),
  )('%s: %p in the environment is reported with the name of the variable', (option, value, allowed) => {
    const variable = PREFIX + option.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase();
    const { settings, problems } = read({}, { [variable]: String(value) });
    expect(plain(settings)).toEqual(DEFAULTS);
    expect(problems).toEqual([expect.stringContaining(`${variable} is ${JSON.stringify(value)}`)]);
    expect(problems[0]).toContain(allowed);
  });
});
