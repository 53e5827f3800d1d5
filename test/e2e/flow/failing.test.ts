import { exceptionEvent, expectSpans, type ExpectedSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from './attributes';
import { run, type Run } from './run';
import { forEachClient } from './client';

forEachClient(client => {
  const isKafkajs = client.name === 'kafkajs';
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
  // If a handler throws undefined, Confluent's client stops.
  const roles = (Object.keys(ROLES) as Role[]).filter(role => isKafkajs || role !== 'nothing');

  let topics: Record<Role, string>;
  let traced: Run;
  let bare: Run;
  let attributes: ExpectedAttributes;

  beforeAll(async () => {
    topics = await createTopics(ROLES);
    attributes = await expectedAttributes(topics.error, undefined, client);
    traced = await run('failing.cjs', { client, topics });
    bare = await run('failing.cjs', { client, topics: await createTopics(ROLES), bare: true });
  }, 180_000);

  /** Compares the spans of a program whose handler fails `attempts` times with the same error. */
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

  /** Returns the span of the same delivery without a failure. */
  function succeeded({ attributes: all = {}, ...failure }: ExpectedSpan): ExpectedSpan {
    const attributes = Object.fromEntries(Object.entries(all).filter(([name]) => name !== 'error.type'));
    return { ...failure, attributes, status: { code: 'UNSET' }, events: [] };
  }
  /**
   * kafkajs gives up after two attempts. Confluent's client delivers until a delivery succeeds, so its second delivery
   * succeeds here.
   */
  const twice = (failure: ExpectedSpan) => [failure, isKafkajs ? failure : succeeded(failure)];
  /** kafkajs treats some errors as bugs and does not deliver their messages again. */
  const bug = (failure: ExpectedSpan) => (isKafkajs ? [failure] : twice(failure));

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

  /** The exception event of a thrown value that has no class and no stack. */
  const withoutStack = (message: string) => ({
    name: 'exception',
    attributes: { 'exception.type': '_OTHER', 'exception.message': message },
  });

  describe('a failing handler', () => {
    test('has one span per delivery, each with status, error.type and exception event', () => {
      const failure = failed('error', 'PaymentError', 'card declined');
      expectAttempts('error', twice(failure));
    });

    test('that succeeds on redelivery has a failed span and a successful one', () => {
      expectAttempts('once', [failed('once', 'Error', 'only the first time'), attempt('once')]);
    });

    test.each<[Role, string, string]>([
      ['frozen', 'Error', 'frozen'],
      ['selfCaused', 'Error', 'its own cause'],
    ])('can throw any error: %s', (role, type, message) => {
      const failure = failed(role, type, message);
      expectAttempts(role, twice(failure));
    });

    test('can throw a string', () => {
      const failure = failed('string', '_OTHER', 'no error object', withoutStack('no error object'));
      expectAttempts('string', twice(failure));
    });

    test('can throw synchronously', () => {
      expectAttempts('typeError', bug(failed('typeError', 'TypeError', 'not a function')));
    });

    test('of a batch has a failed batch span', () => {
      const failure: ExpectedSpan = {
        ...failed('batch', 'PaymentError', 'whole batch declined'),
        links: [{ to: `send ${topics.batch}`, attributes: { 'messaging.kafka.offset': 0 } }],
        attributes: attributes('process', topics.batch, { partition: 0, count: 1, error: 'PaymentError' }),
      };
      expectAttempts('batch', twice(failure));
    });
  });

  test.each(roles)('has the same effect as without instrumentation: %s', role => {
    expect(bare.reported[role]).toBeDefined();
    expect(traced.reported[role]).toEqual(bare.reported[role]);
  });

  if (!isKafkajs) {
    test('is delivered again from its own offset, and the error is logged by the library', () => {
      expect(traced.reported['error']).toMatchObject({
        attempts: 2,
        offsets: ['0', '0'],
        logged: [expect.stringContaining('card declined')],
      });
    });
    return;
  }

  describe('a failing handler with kafkajs', () => {
    test('can throw undefined, which has no message and crashes kafkajs', () => {
      const event = { name: 'exception', attributes: { 'exception.type': '_OTHER' } };
      expectAttempts('nothing', [failed('nothing', '_OTHER', '', event)]);
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
  });
});
