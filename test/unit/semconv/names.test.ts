import { namingOf, type KafkaOperation } from '../../../src/semconv/vocabulary';

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

describe('conventional names', () => {
  const { span, operation: nameOf } = namingOf('semconv');

  test('a span name is operation and destination', () => {
    expect(span(operation('send', 'orders'))).toBe('send orders');
  });

  test('without a destination it is the operation alone', () => {
    expect(span(operation('send'))).toBe('send');
    expect(span(operation('process', undefined, 'billing'))).toBe('process');
  });

  test('for an admin call it is the method with its topic or group', () => {
    expect(span(operation('admin', 'orders', undefined, 'createTopics'))).toBe('createTopics orders');
    expect(span(operation('admin', undefined, 'billing', 'deleteGroups'))).toBe('deleteGroups billing');
  });

  test('an operation keeps its own name', () => {
    expect(nameOf('process')).toBe('process');
  });
});

describe('names of v1.24', () => {
  const { span, operation: nameOf } = namingOf('semconv', '1.24');

  test('have the destination first, and call `send` `publish`', () => {
    expect(span(operation('send', 'orders'))).toBe('orders publish');
    expect(span(operation('create', 'orders'))).toBe('orders create');
    expect(span(operation('process', 'orders', 'billing'))).toBe('orders process');
    expect(span(operation('commit', 'orders', 'billing'))).toBe('orders commit');
  });

  test('without a destination are the operation alone', () => {
    expect(span(operation('send'))).toBe('publish');
    expect(span(operation('transaction'))).toBe('transaction');
  });

  test('of an admin call have its topic or group first', () => {
    expect(span(operation('admin', 'orders', undefined, 'createTopics'))).toBe('orders createTopics');
    expect(span(operation('admin', undefined, 'billing', 'deleteGroups'))).toBe('billing deleteGroups');
  });

  test('do not change the name of the operation, which v1.24 does not have', () => {
    expect(nameOf('send')).toBe('send');
  });

  test('are used if a function returns no name, but not if the option names another form', () => {
    expect(namingOf(() => '', '1.24').span(operation('send', 'orders'))).toBe('orders publish');
    expect(namingOf('go-agent', '1.24').span(operation('send', 'orders'))).toBe('kafka send "orders"');
  });
});

describe("the names of Last9's agent for Sarama", () => {
  const { span, operation: nameOf } = namingOf('go-agent');

  test('quote the topic, and call `process` `receive`', () => {
    expect(span(operation('send', 'my-topic'))).toBe('kafka send "my-topic"');
    expect(span(operation('process', 'my-topic'))).toBe('kafka receive "my-topic"');
    expect(nameOf('process')).toBe('receive');
    expect(nameOf('send')).toBe('send');
  });

  test('quote nothing without a topic', () => {
    expect(span(operation('send'))).toBe('kafka send');
  });
});

describe("the program's own naming function", () => {
  test('gets the operation and returns the name', () => {
    const { span } = namingOf(({ kind, topic }) => `${kind} -> ${topic ?? '?'}`);
    expect(span(operation('send', 'orders'))).toBe('send -> orders');
  });

  test('may not return a promise, whose rejection is handled', async () => {
    const unhandled = jest.fn();
    process.once('unhandledRejection', unhandled);
    const { span } = namingOf(() => Promise.reject(new Error('async')));
    expect(span(operation('send', 'orders'))).toBe('send orders');
    await new Promise(setImmediate);
    process.removeListener('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test.each([undefined, '', 42, null])('gets the conventional name if it returns %p', returned => {
    expect(namingOf(() => returned).span(operation('send', 'orders'))).toBe('send orders');
  });
});
