import { exceptionEvent, expectSpans, type ExpectedSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from './attributes';
import { run, type Run } from './run';

const ROLES = {
  error: 1,
  nothing: 1,
  string: 1,
  frozen: 1,
  selfCaused: 1,
  typeError: 1,
  once: 1,
  batch: 1,
};
type Role = keyof typeof ROLES;

let topics: Record<Role, string>;
let traced: Run;
let bare: Run;
let attributes: ExpectedAttributes;

beforeAll(async () => {
  topics = await createTopics(ROLES);
  attributes = await expectedAttributes(topics.error);
  traced = await run('failing.cjs', { topics });
  bare = await run('failing.cjs', { topics: await createTopics(ROLES), bare: true });
}, 180_000);

/** The spans of a program that fails `attempts` times with the same error. */
function expectAttempts(role: Role, failures: readonly ExpectedSpan[]): void {
  const topic = topics[role];
  const spans = traced.spans.filter(
    ({ name, attributes: { 'messaging.destination.name': destination } }) =>
      destination === topic || name === `request ${role}`,
  );
  const label =
    failures.length === 1 ? () => `process ${topic}` : (index: number) => `process ${topic} #${index + 1}`;
  expectSpans(spans).toEqual({
    [`request ${role}`]: { kind: 'INTERNAL' },
    [`send ${topic}`]: {
      kind: 'PRODUCER',
      parent: `request ${role}`,
      attributes: attributes('send', topic, { partition: 0, offset: 0 }),
    },
    ...Object.fromEntries(failures.map((failure, index) => [label(index), failure])),
  });
}

const attempt = (role: Role, error?: string): ExpectedSpan => ({
  name: `process ${topics[role]}`,
  kind: 'CONSUMER',
  parent: `send ${topics[role]}`,
  links: [{ to: `send ${topics[role]}` }],
  attributes: attributes('process', topics[role], {
    partition: 0,
    offset: 0,
    ...(error === undefined ? {} : { error }),
  }),
});

function failed(
  role: Role,
  type: string,
  message: string,
  event = exceptionEvent(type, message),
): ExpectedSpan {
  return { ...attempt(role, type), status: { code: 'ERROR', message }, events: [event] };
}

/** The exception event of a thrown value without class and stack. */
const withoutStack = (message: string) => ({
  name: 'exception',
  attributes: { 'exception.type': '_OTHER', 'exception.message': message },
});

describe('a failing handler', () => {
  test('has one span per delivery, each with status, error.type and exception event', () => {
    const failure = failed('error', 'PaymentError', 'card declined');
    expectAttempts('error', [failure, failure]);
  });

  test('that succeeds on redelivery has a failed span and a successful one', () => {
    expectAttempts('once', [failed('once', 'Error', 'only the first time'), attempt('once')]);
  });

  test.each<[Role, string, string]>([
    ['frozen', 'Error', 'frozen'],
    ['selfCaused', 'Error', 'its own cause'],
  ])('can throw any error: %s', (role, type, message) => {
    const failure = failed(role, type, message);
    expectAttempts(role, [failure, failure]);
  });

  test('can throw a string', () => {
    const failure = failed('string', '_OTHER', 'no error object', withoutStack('no error object'));
    expectAttempts('string', [failure, failure]);
  });

  test('can throw undefined, which has no message and crashes kafkajs', () => {
    const event = { name: 'exception', attributes: { 'exception.type': '_OTHER' } };
    expectAttempts('nothing', [failed('nothing', '_OTHER', '', event)]);
  });

  test('can throw synchronously', () => {
    expectAttempts('typeError', [failed('typeError', 'TypeError', 'not a function')]);
  });

  test('of a batch has a failed batch span', () => {
    const failure: ExpectedSpan = {
      ...failed('batch', 'PaymentError', 'whole batch declined'),
      links: [{ to: `send ${topics.batch}`, attributes: { 'messaging.kafka.offset': 0 } }],
      attributes: attributes('process', topics.batch, { partition: 0, count: 1, error: 'PaymentError' }),
    };
    expectAttempts('batch', [failure, failure]);
  });
});

describe('the error that kafkajs sees', () => {
  const crash = { name: 'KafkaJSNumberOfRetriesExceeded', causeIsTheSame: true, restart: false };

  test.each<[Role, string]>([
    ['error', 'card declined'],
    ['string', 'no error object'],
    ['frozen', 'frozen'],
    ['selfCaused', 'its own cause'],
    ['batch', 'whole batch declined'],
  ])('is the identical object that the handler threw: %s', (role, message) => {
    expect(traced.reported[role]).toMatchObject({
      attempts: 2,
      loggedTheSame: [true, true],
      restartAskedWith: ['KafkaJSNumberOfRetriesExceeded', true],
      crash: { ...crash, ...(role === 'string' ? {} : { message }), restartAskedWithIt: true },
    });
  });

  test.each(Object.keys(ROLES) as Role[])('has the same effect as without instrumentation: %s', role => {
    expect(bare.reported[role]).toBeDefined();
    expect(traced.reported[role]).toEqual(bare.reported[role]);
  });
});
