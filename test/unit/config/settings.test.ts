import type { Settings } from '../../../src/config/settings';
import type { KafkaOperation } from '../../../src/semconv/vocabulary';
import { DEFAULTS, PREFIX, plain, read, send } from './reading';

test('without options and environment all defaults apply, and nothing is reported', () => {
  const { settings, problems } = read({});
  expect(plain(settings)).toEqual(DEFAULTS);
  expect(problems).toEqual([]);
});

/** Every option that a string can set: the option, its variable, a value other than the default, and the effect. */
const WORDS = [
  ['producerSpans', 'PRODUCER_SPANS', 'message', { producerSpans: 'message' }],
  ['consumerContext', 'CONSUMER_CONTEXT', 'parent', { consumerContext: 'parent' }],
  ['consumerContext', 'CONSUMER_CONTEXT', 'link', { consumerContext: 'link' }],
  ['consumerContext', 'CONSUMER_CONTEXT', 'parent,ord*=link', { consumerContext: 'link' }],
  ['propagation', 'PROPAGATION', 'inject', { extracts: false }],
  ['propagation', 'PROPAGATION', 'extract', { injects: false }],
  ['propagation', 'PROPAGATION', 'false', { injects: false, extracts: false }],
  ['existingContext', 'EXISTING_CONTEXT', 'keep', { existingContext: 'keep' }],
  ['existingContext', 'EXISTING_CONTEXT', 'replace', { existingContext: 'replace' }],
  ['topics', 'TOPICS', 'bills,o*', { makesSpan: true }],
  ['topics', 'TOPICS', 'bills', { makesSpan: false }],
  ['topics', 'TOPICS', '!orders', { makesSpan: false }],
  ['topics', 'TOPICS', 'o*,!{bills,orders}', { makesSpan: false }],
  ['spanName', 'SPAN_NAME', 'go-agent', { spanName: 'kafka send "orders"' }],
  ['commitSpans', 'COMMIT_SPANS', 'none', { commitSpans: 'none' }],
  ['adminSpans', 'ADMIN_SPANS', 'all', { adminSpans: 'all' }],
  ['adminSpans', 'ADMIN_SPANS', 'none', { adminSpans: 'none' }],
  ['captureHeaders', 'CAPTURE_HEADERS', 'x-*', { capturedHeader: false }],
  ['captureHeaders', 'CAPTURE_HEADERS', 'x-*, {tenant,user}-id', { capturedHeader: true }],
  ['captureKey', 'CAPTURE_KEY', 'false', { captureKey: false }],
  ['captureSizes', 'CAPTURE_SIZES', 'true', { captureSizes: true }],
  ['captureErrorMessages', 'CAPTURE_ERROR_MESSAGES', 'false', { captureErrorMessages: false }],
  ['semconv', 'SEMCONV', '1.24', { system: 'messaging.system', spanName: 'orders publish' }],
  ['semconv', 'SEMCONV', '1.24+1.44', { system: 'messaging.system', spanName: 'orders publish' }],
  [
    'semconv',
    'SEMCONV',
    '1.45+1.24',
    { system: 'messaging.system.name messaging.system', spanName: 'send orders' },
  ],
  ['semconv', 'SEMCONV', '1.45', { system: 'messaging.system.name' }],
  ['semconv', 'SEMCONV', '1.44+1.45', { system: 'messaging.system messaging.system.name' }],
  ['metrics', 'METRICS', 'false', { metrics: false }],
  ['requestMetrics', 'REQUEST_METRICS', 'true', { requestMetrics: true }],
] as const;

/** The values of these options are compared with names, so upper and lower case differ. */
const CASED = ['topics', 'captureHeaders'];

describe.each(WORDS)('%s or %s as %p', (option, variable, value, changed) => {
  test('in the constructor', () => {
    const { settings, problems } = read({ [option]: value });
    expect(plain(settings)).toEqual({ ...DEFAULTS, ...changed });
    expect(problems).toEqual([]);
  });

  test('in the environment, in any letter case and with spaces around it', () => {
    const capitals = CASED.includes(option) ? value : value.replace(/[a-z-]+$/, word => word.toUpperCase());
    for (const text of [value, ` ${value} `, capitals]) {
      const { settings, problems } = read({}, { [PREFIX + variable]: text });
      expect(plain(settings)).toEqual({ ...DEFAULTS, ...changed });
      expect(problems).toEqual([]);
    }
  });
});

test.each([
  ['captureKey', false, { captureKey: false }],
  ['captureErrorMessages', false, { captureErrorMessages: false }],
  ['metrics', false, { metrics: false }],
  ['requestMetrics', true, { requestMetrics: true }],
  ['enabled', false, {}],
  ['propagation', false, { injects: false, extracts: false }],
  ['propagation', true, {}],
])('%s takes the boolean %p', (option, value, changed) => {
  const { settings, problems } = read({ [option]: value });
  expect(plain(settings)).toEqual({ ...DEFAULTS, ...changed });
  expect(problems).toEqual([]);
});

test.each(['producerHook', 'consumerHook', 'batchHook'])('%s is the given function', name => {
  const hook = () => undefined;
  const { settings, problems } = read({ [name]: hook });
  expect(settings[name as keyof Settings]).toBe(hook);
  expect(problems).toEqual([]);
});

test.each([
  ['topics', { exclude: 'ord*' }, { makesSpan: false }],
  ['topics', { include: ['bills', /^ord/], exclude: 'orders-test' }, { makesSpan: true }],
  ['topics', { include: /^ord/, exclude: [/ers$/] }, { makesSpan: false }],
  ['topics', {}, { makesSpan: true }],
  ['filter', () => false, { makesSpan: false }],
  ['filter', ({ topic }: KafkaOperation) => topic === 'orders', { makesSpan: true }],
  ['spanName', ({ kind }: KafkaOperation) => `a ${kind}`, { spanName: 'a send' }],
  ['captureHeaders', /^tenant/, { capturedHeader: true }],
  ['captureHeaders', ['x-*', /^tenant/], { capturedHeader: true }],
  ['captureHeaders', [], {}],
])('%s takes %p', (option, value, changed) => {
  const { settings, problems } = read({ [option]: value });
  expect(plain(settings)).toEqual({ ...DEFAULTS, ...changed });
  expect(problems).toEqual([]);
});

test('the filter is called only for selected topics, and for operations without a single topic', () => {
  const filter = jest.fn(() => true);
  const { makesSpan } = read({ topics: '!clicks', filter }).settings;
  const operations = [send('orders'), send('clicks'), { ...send(''), topic: undefined }];
  expect(operations.map(operation => makesSpan?.(operation))).toEqual([true, false, true]);
  expect(filter.mock.calls).toEqual([[operations[0]], [operations[2]]]);
});

describe('OTEL_SEMCONV_STABILITY_OPT_IN', () => {
  test.each([
    ['messaging', 'messaging.system.name'],
    ['http, messaging', 'messaging.system.name'],
    ['messaging/dup', 'messaging.system messaging.system.name'],
    ['messaging,messaging/dup', 'messaging.system messaging.system.name'],
    ['http,database/dup', 'messaging.system'],
    ['', 'messaging.system'],
  ])('%p', (text, system) => {
    const { settings, problems } = read({}, { OTEL_SEMCONV_STABILITY_OPT_IN: text });
    expect(plain(settings)).toEqual({ ...DEFAULTS, system });
    expect(problems).toEqual([]);
  });

  test('gives way to our own variable, which gives way to the option', () => {
    const environment = { OTEL_SEMCONV_STABILITY_OPT_IN: 'messaging/dup', [`${PREFIX}SEMCONV`]: '1.45' };
    expect(plain(read({}, environment).settings).system).toBe('messaging.system.name');
    expect(plain(read({ semconv: '1.44' }, environment).settings).system).toBe('messaging.system');
  });
});

test.each([
  ['logs', 'log'],
  ['http, logs', 'log'],
  ['logs/dup', 'both'],
  ['logs,logs/dup', 'both'],
  ['http', 'event'],
  ['', 'event'],
])('OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=%p records exceptions as %s', (text, exceptionSignal) => {
  const { settings, problems } = read({}, { OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: text });
  expect(plain(settings)).toEqual({ ...DEFAULTS, exceptionSignal });
  expect(problems).toEqual([]);
});

describe('precedence', () => {
  test('the constructor wins over the environment, even with a default value', () => {
    const environment = { [`${PREFIX}CAPTURE_KEY`]: 'false', [`${PREFIX}EXISTING_CONTEXT`]: 'keep' };
    const { settings } = read({ captureKey: true, existingContext: 'auto' }, environment);
    expect(plain(settings)).toEqual(DEFAULTS);
  });

  test('an undefined option leaves the choice to the environment', () => {
    const { settings } = read({ captureKey: undefined }, { [`${PREFIX}CAPTURE_KEY`]: 'false' });
    expect(settings.captureKey).toBe(false);
  });

  test('a wrong option is reported and leaves the choice to the environment', () => {
    const { settings, problems } = read({ captureKey: 'nope' }, { [`${PREFIX}CAPTURE_KEY`]: 'false' });
    expect(settings.captureKey).toBe(false);
    expect(problems).toHaveLength(1);
  });

  test('a wrong variable is reported even if the option decides', () => {
    const { settings, problems } = read({ captureKey: true }, { [`${PREFIX}CAPTURE_KEY`]: 'no' });
    expect(settings.captureKey).toBe(true);
    expect(problems).toEqual([expect.stringContaining(`${PREFIX}CAPTURE_KEY is "no"`)]);
  });

  test('an empty variable counts as unset', () => {
    const { settings, problems } = read({}, { [`${PREFIX}PRODUCER_SPANS`]: '' });
    expect(settings.producerSpans).toBe('call');
    expect(problems).toEqual([]);
  });
});

describe('rules by topic', () => {
  const RULES = [
    { topics: 'ticks-*', use: 'link' },
    { topics: [/^audit/, 'bills'], use: 'parent' },
  ];

  test.each([
    ['as a list', { consumerContext: RULES }, {}],
    ['as a string option', { consumerContext: 'parent-and-link,ticks-*=link,{audit*,bills}=parent' }, {}],
    ['as a variable', {}, { [`${PREFIX}CONSUMER_CONTEXT`]: 'ticks-* = link , {audit*,bills} = parent' }],
  ])('%s', (_form, config, environment) => {
    const { settings, problems } = read(config, environment);
    expect(problems).toEqual([]);
    expect(['ticks-eu', 'audit-1', 'bills', 'orders'].map(settings.consumerContext)).toEqual([
      'link',
      'parent',
      'parent',
      'parent-and-link',
    ]);
  });

  test('the first matching rule decides, and the default may be at any position', () => {
    const { settings } = read({ propagation: 'a*=false,ab=true,extract' });
    expect(['a', 'ab', 'b'].map(settings.injects)).toEqual([false, false, false]);
    expect(['a', 'ab', 'b'].map(settings.extracts)).toEqual([false, false, true]);
  });

  test('a pattern may contain an equals sign', () => {
    const { settings } = read({ consumerContext: 'a=b=link' });
    expect(settings.consumerContext('a=b')).toBe('link');
  });
});

describe('a variable that nothing reads', () => {
  test('is reported with the existing ones', () => {
    const { problems } = read({}, { [`${PREFIX}CAPTURE_KEYS`]: 'false', UNRELATED: '1' });
    expect(problems).toEqual([expect.stringContaining(`${PREFIX}CAPTURE_KEYS is not a variable`)]);
    expect(problems[0]).toContain(`Did you mean ${PREFIX}CAPTURE_KEY?`);
  });

  test.each(['ENABLED', 'REGISTER', 'ESM_LOADER', 'SAMPLING'])('is not %s, which is read elsewhere', name => {
    expect(read({}, { [PREFIX + name]: 'true' }).problems).toEqual([]);
  });
});
