import type { ReceivedSpan } from '../../support/otlp';
import { registerAlone } from '../../support/program';
import { runToEnd, type FinishedRun } from '../../support/run-to-end';
import { createTopics } from '../../support/topics';

interface Exported extends FinishedRun {
  readonly topic: string;
}

async function run(optIn: string | undefined): Promise<Exported> {
  const topics = await createTopics({ orders: 1 });
  const ended = await runToEnd({
    file: 'fixtures/exceptions/fails.cjs',
    execArgv: registerAlone,
    topics,
    logs: true,
    env: {
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'kafkajs',
      ...(optIn === undefined ? {} : { OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: optIn }),
    },
  });
  return { topic: topics.orders, ...ended };
}

const failed = (spans: readonly ReceivedSpan[]) => spans.filter(({ status }) => status.code === 'ERROR');
const declined = { 'exception.type': 'RangeDeclined', 'exception.message': 'card declined' };
const refused = { 'exception.type': 'KafkaJSError', 'exception.message': 'The producer is disconnected' };
const withStack = (exception: object) => ({
  ...exception,
  'exception.stacktrace': expect.any(String) as string,
});

describe.each<[string, string | undefined, { readonly events: boolean; readonly logs: boolean }]>([
  ['by default, exceptions are events of the span', undefined, { events: true, logs: false }],
  ['with "logs", they are log records of the span', 'http,logs', { events: false, logs: true }],
  ['with "logs/dup", they are both', 'logs/dup', { events: true, logs: true }],
])('%s', (_what, optIn, expected) => {
  let exported: Exported;
  beforeAll(async () => {
    exported = await run(optIn);
  });

  test('events', () => {
    const events = failed(exported.spans).map(({ name, events }) => [
      name,
      events.map(each => each.attributes),
    ]);
    expect(Object.fromEntries(events)).toEqual({
      [`send ${exported.topic}`]: expected.events ? [withStack(refused)] : [],
      [`process ${exported.topic}`]: expected.events ? [withStack(declined)] : [],
    });
  });

  test('log records', () => {
    const spans = new Map(failed(exported.spans).map(({ spanId, name }) => [spanId, name]));
    const logs = exported.logs.map(({ eventName, severity, attributes, spanId }) => ({
      of: spans.get(spanId ?? ''),
      eventName,
      severity,
      attributes,
    }));
    expect(logs).toEqual(
      expected.logs
        ? [
            {
              of: `send ${exported.topic}`,
              eventName: 'messaging.send.exception',
              severity: 'WARN',
              attributes: withStack(refused),
            },
            {
              of: `process ${exported.topic}`,
              eventName: 'messaging.process.exception',
              severity: 'ERROR',
              attributes: withStack(declined),
            },
          ]
        : [],
    );
  });

  test('status and error.type do not depend on the signal', () => {
    expect(
      failed(exported.spans).map(({ attributes, status }) => [attributes['error.type'], status.message]),
    ).toEqual([
      ['KafkaJSError', 'The producer is disconnected'],
      ['RangeDeclined', 'card declined'],
    ]);
  });
});
