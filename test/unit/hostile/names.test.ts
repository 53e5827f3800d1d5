import { ROOT_CONTEXT } from '@opentelemetry/api';
import { topicMatcher, valueByTopic } from '../../../src/config/topics';
import { readSettings } from '../../../src/config/settings';
import { copyOf } from '../../../src/support/copies';
import { extractFrom } from '../../../src/propagation/extract';
import { injectInto } from '../../../src/propagation/inject';
import { capturedHeaders } from '../../../src/core/span';
import { Bounded } from '../../../src/telemetry/metrics/bounded';
import { Partitions } from '../../../src/metrics/partition-lag';
import { startMessage } from '../../../src/core/process';
import { client, producer, traceparent, useTracing } from '../core/tracing';
import { INHERITED, expectPrototypeUntouched } from './things';

const tracing = useTracing();

afterEach(expectPrototypeUntouched);

/** Headers as kafkajs decodes them: to a name that every object inherits it appends. */
const decoded = (name: string): Record<string, unknown> =>
  Object.fromEntries([[name, [({} as Record<string, unknown>)[name], Buffer.from('v')]]]);

describe.each(INHERITED)('%s', name => {
  test('as a header is passed over where a context is looked for', () => {
    expect(extractFrom({ headers: decoded(name) }, ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
  });

  test('as a header stays beside those that are injected, and is still no prototype', () => {
    const headers = Object.fromEntries([[name, 'v']]);
    const { headers: injected } = injectInto({ value: 'v', headers }, { traceparent: 't' });
    expect(Object.entries(injected)).toEqual([
      [name, 'v'],
      ['traceparent', 't'],
    ]);
    expect(Object.getPrototypeOf(injected)).toBe(Object.prototype);
  });

  test('as a header does not keep a valid context beside it from being read', () => {
    const headers = { ...decoded(name), traceparent: Buffer.from(traceparent(producer('a'))) };
    startMessage(tracing.runtime(), client, {
      topic: 'orders',
      partition: 0,
      message: { offset: '0', ...{ headers } },
    }).end();
    expect(tracing.spans()).toMatchObject([{ parent: producer('a').spanId }]);
  });

  test('as a captured header is an attribute like any other', () => {
    const captured = capturedHeaders(decoded(name), topicMatcher([name]));
    expect(Object.entries(captured)).toEqual([[`messaging.header.${name}`, ['v']]]);
  });

  test('as a field of a message is copied and not obeyed', () => {
    const fields: [string, unknown][] = [
      ['value', 'v'],
      [name, { polluted: true }],
    ];
    const message = Object.fromEntries(fields);
    const copy = copyOf(message, {});
    expect(Object.keys(copy)).toEqual(['value', name, 'headers']);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  test('as a topic has the rule that is written for it', () => {
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

  test('as a topic counts like any other, also when its partition is lost', () => {
    expect(new Bounded(1, '_other').of(name)).toBe(name);
    const partitions = new Partitions();
    partitions.assign(Object.fromEntries([[name, [0]]]));
    partitions.fetched(name, 0, { highWatermark: 9, firstOffset: 0, lastOffset: 8, size: 9 });
    expect(partitions.read(0)).toMatchObject([{ topic: name, recordsLag: 9, lost: false }]);
    partitions.assign({});
    expect(partitions.assigned).toBe(0);
    expect(partitions.read(0)).toMatchObject([{ topic: name, recordsLag: 0, lost: true }]);
  });
});
