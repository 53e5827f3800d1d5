import type { KafkaJsInstrumentationConfig } from '../../../src/config/options';
import { readSettings, type Settings } from '../../../src/config/settings';

const PREFIX = 'OTEL_INSTRUMENTATION_KAFKAJS_';

/** The settings and everything that was reported while they were read. */
function read(config: unknown, environment: Record<string, string> = {}) {
  const problems: string[] = [];
  const settings = readSettings(config as KafkaJsInstrumentationConfig, environment, problem => {
    problems.push(problem);
  });
  return { settings, problems };
}

/** What the settings say of one topic, in comparable form. */
function plain(settings: Settings, topic = 'orders') {
  const { consumerContext, injects, extracts, ...rest } = settings;
  return {
    ...rest,
    consumerContext: consumerContext(topic),
    injects: injects(topic),
    extracts: extracts(topic),
  };
}

const DEFAULTS = {
  producerSpans: 'call',
  consumerContext: 'parent-and-link',
  injects: true,
  extracts: true,
  existingContext: 'auto',
  captureKey: true,
  captureErrorMessages: true,
  producerHook: undefined,
  consumerHook: undefined,
  batchHook: undefined,
};

test('without options and environment every default holds, and nothing is reported', () => {
  const { settings, problems } = read({});
  expect(plain(settings)).toEqual(DEFAULTS);
  expect(problems).toEqual([]);
});

/** Every option that a string can say: option, variable, a value other than the default, and what it changes. */
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
  ['captureKey', 'CAPTURE_KEY', 'false', { captureKey: false }],
  ['captureErrorMessages', 'CAPTURE_ERROR_MESSAGES', 'false', { captureErrorMessages: false }],
] as const;

describe.each(WORDS)('%s or %s as %p', (option, variable, value, changed) => {
  test('by the constructor', () => {
    const { settings, problems } = read({ [option]: value });
    expect(plain(settings)).toEqual({ ...DEFAULTS, ...changed });
    expect(problems).toEqual([]);
  });

  test('by the environment, in any letter case and with spaces around it', () => {
    for (const text of [value, ` ${value} `, value.replace(/[a-z-]+$/, word => word.toUpperCase())]) {
      const { settings, problems } = read({}, { [PREFIX + variable]: text });
      expect(plain(settings)).toEqual({ ...DEFAULTS, ...changed });
      expect(problems).toEqual([]);
    }
  });
});

test.each([
  ['captureKey', false, { captureKey: false }],
  ['captureErrorMessages', false, { captureErrorMessages: false }],
  ['propagation', false, { injects: false, extracts: false }],
  ['propagation', true, {}],
])('%s takes the boolean %p', (option, value, changed) => {
  const { settings, problems } = read({ [option]: value });
  expect(plain(settings)).toEqual({ ...DEFAULTS, ...changed });
  expect(problems).toEqual([]);
});

test.each(['producerHook', 'consumerHook', 'batchHook'])('%s is the very function that was given', name => {
  const hook = () => undefined;
  const { settings, problems } = read({ [name]: hook });
  expect(settings[name as keyof Settings]).toBe(hook);
  expect(problems).toEqual([]);
});

describe('precedence', () => {
  test('the constructor wins over the environment, also with a default value', () => {
    const environment = { [`${PREFIX}CAPTURE_KEY`]: 'false', [`${PREFIX}EXISTING_CONTEXT`]: 'keep' };
    const { settings } = read({ captureKey: true, existingContext: 'auto' }, environment);
    expect(plain(settings)).toEqual(DEFAULTS);
  });

  test('an option that is undefined leaves it to the environment', () => {
    const { settings } = read({ captureKey: undefined }, { [`${PREFIX}CAPTURE_KEY`]: 'false' });
    expect(settings.captureKey).toBe(false);
  });

  test('a wrong option is reported and leaves it to the environment too', () => {
    const { settings, problems } = read({ captureKey: 'nope' }, { [`${PREFIX}CAPTURE_KEY`]: 'false' });
    expect(settings.captureKey).toBe(false);
    expect(problems).toHaveLength(1);
  });

  test('a variable that is empty is no value', () => {
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

  test('the first that matches decides, and the default may stand anywhere', () => {
    const { settings } = read({ propagation: 'a*=false,ab=true,extract' });
    expect(['a', 'ab', 'b'].map(settings.injects)).toEqual([false, false, false]);
    expect(['a', 'ab', 'b'].map(settings.extracts)).toEqual([false, false, true]);
  });

  test('a pattern may contain an equals sign', () => {
    const { settings } = read({ consumerContext: 'a=b=link' });
    expect(settings.consumerContext('a=b')).toBe('link');
  });
});

describe('a wrong value', () => {
  /** Option, value, the words of its message. */
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
    ['captureKey', 'yes', 'true or false'],
    ['captureKey', 0, 'true or false'],
    ['captureErrorMessages', 'constructor', 'true or false'],
    ['producerHook', 'log', 'a function'],
    ['consumerHook', {}, 'a function'],
    ['batchHook', true, 'a function'],
  ];

  test.each(WRONG)(
    '%s: %p is named with what is allowed, and the default holds',
    (option, value, allowed) => {
      const { settings, problems } = read({ [option]: value });
      expect(plain(settings)).toEqual(DEFAULTS);
      expect(problems).toEqual([expect.stringContaining(`the option ${option} is `)]);
      expect(problems[0]).toContain(allowed);
      expect(problems[0]).not.toContain('is undefined');
    },
  );

  test.each(
    WRONG.filter(([, value]) => typeof value === 'string').filter(([name]) => !name.endsWith('Hook')),
  )('%s: %p is named by its variable in the environment', (option, value, allowed) => {
    const variable = PREFIX + option.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase();
    const { settings, problems } = read({}, { [variable]: String(value) });
    expect(plain(settings)).toEqual(DEFAULTS);
    expect(problems).toEqual([expect.stringContaining(`${variable} is ${JSON.stringify(value)}`)]);
    expect(problems[0]).toContain(allowed);
  });
});

describe('a variable that nothing reads', () => {
  test('is named, with those that there are', () => {
    const { problems } = read({}, { [`${PREFIX}CAPTURE_KEYS`]: 'false', UNRELATED: '1' });
    expect(problems).toEqual([expect.stringContaining(`${PREFIX}CAPTURE_KEYS is not a variable`)]);
    for (const [, variable] of WORDS) expect(problems[0]).toContain(PREFIX + variable);
  });

  test.each(['ENABLED', 'REGISTER', 'ESM_LOADER'])('%s is read elsewhere', name => {
    expect(read({}, { [PREFIX + name]: 'true' }).problems).toEqual([]);
  });
});
