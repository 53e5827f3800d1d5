import { ROOT_CONTEXT } from '@opentelemetry/api';
import { topicMatcher, valueByTopic } from '../../../src/config/topics';
import { readSettings } from '../../../src/config/settings';
import { kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import { capturedHeaders } from '../../../src/core/span';
import { PartitionLags } from '../../../src/metrics/partition-lag';
import { extractContext } from '../../../src/propagation/extract';
import { withTraceHeaders } from '../../../src/propagation/inject';
import { copyMessage } from '../../../src/support/copies';
import { deliver } from '../core/consuming';
import { producer, traceparent, useTracing } from '../core/tracing';
import { useMeasuring } from '../metrics/measuring';
import { INHERITED, expectPrototypeUntouched } from './things';

const tracing = useTracing();
const measuring = useMeasuring();

afterEach(expectPrototypeUntouched);

/** Decodes headers like kafkajs, which appends a value even to an inherited property of that name. */
const decoded = (name: string): Record<string, unknown> =>
  Object.fromEntries([[name, [({} as Record<string, unknown>)[name], Buffer.from('v')]]]);

describe.each(INHERITED)('%s', name => {
  test('as a header holds no context', () => {
    expect(extractContext({ headers: decoded(name) }, ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
  });

  test('as a header stays beside injected ones, and does not become the prototype', () => {
    const headers = Object.fromEntries([[name, 'v']]);
    const { headers: injected } = withTraceHeaders({ value: 'v', headers }, { traceparent: 't' });
    expect(Object.entries(injected)).toEqual([
      [name, 'v'],
      ['traceparent', 't'],
    ]);
    expect(Object.getPrototypeOf(injected)).toBe(Object.prototype);
  });

  test('as a header does not hide a valid context beside it', () => {
    const headers = { ...decoded(name), traceparent: Buffer.from(traceparent(producer('a'))) };
    deliver(tracing.runtime(), { offset: '0', headers }, () => undefined);
    expect(tracing.spans()).toMatchObject([{ parent: producer('a').spanId }]);
  });

  test('as a captured header is an attribute like any other', () => {
    const captured = capturedHeaders(decoded(name), topicMatcher([name]));
    expect(Object.entries(captured)).toEqual([[`messaging.header.${name}`, ['v']]]);
  });

  test('as a field of a message is copied, and does not become the prototype', () => {
    const fields: [string, unknown][] = [
      ['value', 'v'],
      [name, { polluted: true }],
    ];
    const message = Object.fromEntries(fields);
    const copy = copyMessage(message, {});
    expect(Object.keys(copy)).toEqual(['value', name, 'headers']);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  test('as a topic gets its own rule', () => {
    const rule = valueByTopic('parent', [{ topics: name, use: 'link' }]);
    expect([rule(name), rule('orders'), rule(name)]).toEqual(['link', 'parent', 'link']);
    const { consumerContext, extracts } = readSettings(
      {},
      {
        OTEL_INSTRUMENTATION_KAFKA_CONSUMER_CONTEXT: `parent,${name}=link`,
        OTEL_INSTRUMENTATION_KAFKA_PROPAGATION: `true,${name}=inject`,
      },
      problem => {
        throw new Error(problem);
      },
    );
    expect([consumerContext(name), consumerContext('orders')]).toEqual(['link', 'parent']);
    expect([extracts(name), extracts('orders')]).toEqual([false, true]);
  });

  test('as a topic is counted like any other', async () => {
    const { metrics, read } = measuring.start();
    metrics.countSent(name, 1, undefined);
    expect(await read('messaging.client.sent.messages')).toMatchObject([
      { attributes: { 'messaging.destination.name': name }, value: 1 },
    ]);
  });

  test('as a topic has a lag like any other, also when its partition is lost', () => {
    const partitions = new PartitionLags(kafkaJsMessages);
    partitions.assign(Object.fromEntries([[name, [0]]]));
    partitions.fetched(name, 0, { highWatermark: 9, firstOffset: 0, lastOffset: 8, count: 9 });
    expect(partitions.read(0)).toMatchObject([{ topic: name, recordsLag: 9, isLost: false }]);
    partitions.assign({});
    expect(partitions.assigned).toBe(0);
    expect(partitions.read(0)).toMatchObject([{ topic: name, recordsLag: 0, isLost: true }]);
  });
});
