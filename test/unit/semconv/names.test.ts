import type { KafkaOperation } from '../../../src/semconv/names';
import { namingOf } from '../../../src/semconv/names';

const operation = (
  kind: KafkaOperation['kind'],
  topic?: string,
  group?: string,
  name: string = kind,
): KafkaOperation => ({
  kind,
  name,
  topic,
  group,
  messageCount: undefined,
});

describe('by the conventions', () => {
  const { span, operation: nameOf } = namingOf('semconv');

  test('a span is named by its operation and destination', () => {
    expect(span(operation('send', 'orders'))).toBe('send orders');
  });

  test('without a destination the operation stands alone', () => {
    expect(span(operation('send'))).toBe('send');
    expect(span(operation('process', undefined, 'billing'))).toBe('process');
  });

  test('an admin call is named by its method, and by the topic or group it is about', () => {
    expect(span(operation('admin', 'orders', undefined, 'createTopics'))).toBe('createTopics orders');
    expect(span(operation('admin', undefined, 'billing', 'deleteGroups'))).toBe('deleteGroups billing');
  });

  test('an operation keeps its own name', () => {
    expect(nameOf('process')).toBe('process');
  });
});

describe("as Last9's agent for Sarama does", () => {
  const { span, operation: nameOf } = namingOf('go-agent');

  test('the topic is quoted, and what is handled is received', () => {
    expect(span(operation('send', 'my-topic'))).toBe('kafka send "my-topic"');
    expect(span(operation('process', 'my-topic'))).toBe('kafka receive "my-topic"');
    expect(nameOf('process')).toBe('receive');
    expect(nameOf('send')).toBe('send');
  });

  test('without a topic nothing is quoted', () => {
    expect(span(operation('send'))).toBe('kafka send');
  });
});

describe("by the program's own function", () => {
  test('it gets the operation, and what it returns is the name', () => {
    const { span } = namingOf(({ kind, topic }) => `${kind} -> ${topic ?? '?'}`);
    expect(span(operation('send', 'orders'))).toBe('send -> orders');
  });

  test('a promise is no name, and its rejection is not left unhandled', async () => {
    const unhandled = jest.fn();
    process.once('unhandledRejection', unhandled);
    const { span } = namingOf(() => Promise.reject(new Error('async')));
    expect(span(operation('send', 'orders'))).toBe('send orders');
    await new Promise(setImmediate);
    process.removeListener('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test.each([undefined, '', 42, null])('where it returns %p, the conventional name holds', returned => {
    expect(namingOf(() => returned).span(operation('send', 'orders'))).toBe('send orders');
  });
});
