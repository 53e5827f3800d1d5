import { kafkaJsErrors, kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import { errorType } from '../../../src/core/errors';
import { capturedHeaders, textValue } from '../../../src/core/span';
import { deliver } from '../core/consuming';
import { client, useTracing } from '../core/tracing';
import { useMeasuring } from '../metrics/measuring';
import { counted, kept, megabytes } from './things';

const tracing = useTracing();
const measuring = useMeasuring();

const all = () => true;
const bytesOf = (attributes: object): number => JSON.stringify(attributes).length;

describe('captured headers', () => {
  const bomb = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`x-${index}`, Buffer.from('v')]),
  );

  test('of ten thousand, sixteen are read and recorded', () => {
    const { seen, reads } = counted(bomb);
    expect(Object.keys(capturedHeaders(seen, all))).toHaveLength(16);
    expect(reads()).toBe(16);
  });

  test('of ten thousand that are not UTF-8, each is read once at most', () => {
    const binary = Object.fromEntries(Object.keys(bomb).map(name => [name, Buffer.from([0xff])]));
    const { seen, reads } = counted(binary);
    expect(capturedHeaders(seen, all)).toEqual({});
    expect(reads()).toBeLessThanOrEqual(10_000);
  });

  test('of a class instance are its own properties, which kafkajs sends', () => {
    class Headers {
      id = '1';
      get inherited() {
        return 'no header';
      }
    }
    expect(capturedHeaders(kafkaJsMessages.headers({ headers: new Headers() }), all)).toEqual({
      'messaging.header.id': ['1'],
    });
  });

  test('with names of a megabyte are not matched', () => {
    const isChosen = jest.fn(all);
    expect(capturedHeaders({ [megabytes(1)]: Buffer.from('v') }, isChosen)).toEqual({});
    expect(isChosen).not.toHaveBeenCalled();
  });

  test('with values of a megabyte, repeated ten thousand times, are a few kilobytes', () => {
    const value = Buffer.from(megabytes(1));
    const values = Array.from({ length: 10_000 }, () => value);
    const captured = capturedHeaders(Object.fromEntries(Object.keys(bomb).map(name => [name, values])), all);
    expect(bytesOf(captured)).toBeLessThan(16 * 8 * 300);
  });

  test('of a header that repeats a hundred thousand times, eight values are read', () => {
    const { seen, reads } = counted(Array.from({ length: 100_000 }, () => Buffer.from('v')));
    capturedHeaders({ many: seen }, all);
    expect(reads()).toBeLessThan(50);
  });
});

describe('a key of a megabyte', () => {
  test.each([
    ['a string', () => megabytes(1)],
    ['bytes', () => Buffer.from(megabytes(1))],
  ])('as %s is cut at 256 characters, and the rest is not kept in memory', (_what, make) => {
    const before = kept();
    const keys = Array.from({ length: 20 }, () => textValue(make()));
    expect(kept() - before).toBeLessThan(5);
    expect(keys).toEqual(keys.map(() => 'x'.repeat(256)));
  });

  test.each([
    ['of text', (bytes: Buffer) => bytes],
    ['that is not UTF-8', (bytes: Buffer) => bytes.fill(0xff, 500, 501)],
  ])('%s is decoded only as far as it is recorded', (_what, made) => {
    const key = made(Buffer.from(megabytes(1)));
    const first = jest.spyOn(Buffer.prototype, 'toString');
    const strict = jest.spyOn(TextDecoder.prototype, 'decode');
    textValue(key);
    const decoded = [
      ...(first.mock.contexts as Buffer[]),
      ...strict.mock.calls.map(([bytes]) => bytes as Buffer),
    ];
    first.mockRestore();
    strict.mockRestore();
    expect(Math.max(...decoded.map(bytes => bytes.byteLength))).toBe(1024);
  });
});

test('a message that is hostile in every way has a span of a few kilobytes', () => {
  const many = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`x-${index}`, Buffer.from(`v${index}`)]),
  );
  const message = {
    offset: '9'.repeat(1_000_000),
    timestamp: 'not a time',
    key: Buffer.from(megabytes(1)),
    value: Buffer.from(megabytes(1)),
    headers: { ...many, traceparent: Buffer.alloc(1_000_000), baggage: Buffer.from(megabytes(1)) },
  };
  deliver(tracing.runtime({ captureHeaders: ['*'] }), message, () => undefined);
  const [span] = tracing.spans();
  expect(span?.parent).toBeUndefined();
  expect(bytesOf(span ?? {})).toBeLessThan(4096);
});

describe('of ten thousand', () => {
  test('error classes, metrics distinguish a hundred', async () => {
    const { metrics, read } = measuring.start();
    for (let count = 0; count < 10_000; count++) {
      const type = errorType(Object.assign(new Error('m'), { name: `Error${count}` }), kafkaJsErrors);
      metrics.recordDuration(client, { operation: 'process', topic: 'orders', seconds: 1, errorType: type });
      metrics.countSent('orders', 1, type);
    }
    for (const name of ['messaging.process.duration', 'messaging.client.sent.messages']) {
      const types = (await read(name)).map(({ attributes }) => attributes['error.type']);
      expect(new Set(types).size).toBe(101);
      expect(types).toContain('_OTHER');
    }
  });

  test('topics, metrics distinguish five hundred', async () => {
    const { metrics, read } = measuring.start();
    for (let count = 0; count < 10_000; count++) metrics.countSent(`reply-${count}`, 1, undefined);
    const points = await read('messaging.client.sent.messages');
    expect(points).toHaveLength(501);
    expect(points.find(({ attributes }) => attributes['messaging.destination.name'] === '_other')).toEqual(
      expect.objectContaining({ value: 9500 }),
    );
  });
});
