import type { ReceivedSpan } from '../../support/otlp';
import { exceptionEvent, expectSpans, type ExpectedSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from './attributes';
import { describeLargeBatches, forEachClient } from './client';
import { run, type Run } from './run';

forEachClient(client => {
  let topics: Record<'many' | 'one' | 'sampled', string>;
  let attributes: ExpectedAttributes;
  let program: Run;
  let sampled: Run;

  beforeAll(async () => {
    topics = await createTopics({ many: 1, one: 1, sampled: 1 });
    attributes = await expectedAttributes(topics.many, undefined, client);
    program = await run('batch.cjs', { client, topics });
    sampled = await run('sampled.cjs', {
      client,
      topics,
      env: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' },
    });
  }, 180_000);

  /**
   * Compares the spans of the traces of some requests. The label of a send span contains its request. The label of a
   * message span contains its offset.
   */
  function expectTraces(
    requests: readonly string[],
    topic: string,
    expected: Record<string, ExpectedSpan>,
  ): void {
    const names = new Map(program.spans.map(({ spanId, name }) => [spanId, name]));
    const requestOf = ({ parentSpanId = '' }: ReceivedSpan) =>
      names.get(parentSpanId)?.replace('request ', '') ?? '?';
    const label = (span: ReceivedSpan) => {
      if (span.name.startsWith('send ')) return `send ${requestOf(span)}`;
      const { 'messaging.kafka.offset': offset } = span.attributes;
      return offset === undefined ? span.name : `${span.name} at ${Number(offset)}`;
    };
    const traces = new Set(
      program.spans
        .filter(({ name }) => requests.includes(name.replace('request ', '')))
        .map(({ traceId }) => traceId),
    );
    const ofTopic = ({ attributes: { 'messaging.destination.name': destination } }: ReceivedSpan) =>
      destination === topic;
    const chosen = program.spans.filter(span => traces.has(span.traceId) || ofTopic(span));
    expectSpans(chosen, { label }).toEqual(expected);
  }

  const sent = (
    request: string,
    topic: string,
    count: number,
    offset?: number,
  ): Record<string, ExpectedSpan> => ({
    [`request ${request}`]: { kind: 'INTERNAL' },
    [`send ${request}`]: {
      name: `send ${topic}`,
      kind: 'PRODUCER',
      parent: `request ${request}`,
      attributes: attributes(
        'send',
        topic,
        offset === undefined ? { partition: 0, count } : { partition: 0, offset, key: `${request}-0` },
      ),
    },
  });

  describeLargeBatches(client, () => {
    test('500 messages of three producers have one batch span with three links, and each message continues its own trace', () => {
      const { many } = topics;
      const batch = `process ${many}`;
      const requestAt = (offset: number) => (offset < 250 ? 'a' : offset < 499 ? 'b' : 'c');
      const messages = Array.from({ length: 500 }, (_, offset): [string, ExpectedSpan] => {
        const request = requestAt(offset);
        const key = `${request}-${offset % 250 === 249 && offset > 250 ? 0 : offset % 250}`;
        const failed = offset === 7;
        return [
          `process ${many} at ${offset}`,
          {
            name: batch,
            kind: 'CONSUMER',
            parent: `send ${request}`,
            links: [{ to: `send ${request}` }, { to: batch }],
            attributes: attributes('process', many, {
              partition: 0,
              offset,
              key,
              ...(failed ? { error: 'Error' } : {}),
            }),
            ...(failed
              ? {
                  status: { code: 'ERROR', message: 'refused' },
                  events: [exceptionEvent('Error', 'refused')],
                }
              : {}),
          },
        ];
      });
      expectTraces(['a', 'b', 'c'], many, {
        ...sent('a', many, 250),
        ...sent('b', many, 249),
        ...sent('c', many, 1, 499),
        [batch]: {
          kind: 'CONSUMER',
          links: [
            { to: 'send a' },
            { to: 'send b' },
            {
              to: 'send c',
              attributes: { 'messaging.kafka.offset': 499, 'messaging.kafka.message.key': 'c-0' },
            },
          ],
          attributes: attributes('process', many, { partition: 0, count: 500 }),
        },
        ...Object.fromEntries(messages),
      });
    });

    test('withMessageSpan runs each message in its own span and baggage and passes results and errors through', () => {
      expect(program.reported['many']).toEqual({
        size: 500,
        wrong: [],
        results: 499,
        sameError: true,
        backInBatch: true,
      });
    });

    test('the batch span of messages of one producer is a child of its send and has its baggage', () => {
      const { one } = topics;
      expect(program.reported['one']).toEqual({ size: 3, baggageOfBatch: 'd' });
      expectTraces(['d'], one, {
        ...sent('d', one, 3),
        [`process ${one}`]: {
          kind: 'CONSUMER',
          parent: 'send d',
          links: [{ to: 'send d' }],
          attributes: attributes('process', one, { partition: 0, count: 3 }),
        },
        store: { kind: 'INTERNAL', parent: `process ${one}` },
      });
    });
  });

  test('with a 1 % sampler, every sampled trace has its consumer spans, and other traces have none', () => {
    const traces = sampled.reported['sampled'] as string[];
    const name = `process ${topics.sampled}`;
    const isBatch = ({ attributes: { 'messaging.batch.message_count': count } }: ReceivedSpan) =>
      count !== undefined;
    expect(traces.length).toBeGreaterThanOrEqual(3);
    expect(sampled.reported['unsampled']).toBe(Number(sampled.reported['sent']) - traces.length);
    for (const trace of traces) {
      const spans = sampled.spans.filter(({ traceId }) => traceId === trace);
      const process = spans.find(span => span.name === name);
      const offset = Number(process?.attributes['messaging.kafka.offset']);
      // The batch span is the root of its trace and is rarely sampled.
      const batch = sampled.spans.some(({ spanId }) => spanId === process?.links[1]?.spanId)
        ? 'batch'
        : 'not exported';
      const label = (span: ReceivedSpan) => (isBatch(span) ? 'batch' : span.name);
      expectSpans([...spans], {
        label,
        known: Object.fromEntries(
          sampled.spans.filter(isBatch).map(({ traceId, spanId }) => [`${traceId}-${spanId}`, 'batch']),
        ),
      }).toEqual({
        request: { kind: 'INTERNAL' },
        [`send ${topics.sampled}`]: {
          kind: 'PRODUCER',
          parent: 'request',
          attributes: attributes('send', topics.sampled, { partition: 0, offset }),
        },
        [name]: {
          kind: 'CONSUMER',
          parent: `send ${topics.sampled}`,
          links: [{ to: `send ${topics.sampled}` }, { to: batch }],
          attributes: attributes('process', topics.sampled, { partition: 0, offset }),
        },
      });
    }
    const others = sampled.spans.filter(span => !traces.includes(span.traceId) && !isBatch(span));
    expect(others).toEqual([]);
  });
});
