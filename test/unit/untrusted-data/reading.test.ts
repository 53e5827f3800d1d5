import { ROOT_CONTEXT, propagation, type TextMapPropagator } from '@opentelemetry/api';
import { kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import { originsOf } from '../../../src/propagation/batch-origins';
import { extractContext } from '../../../src/propagation/extract';
import { producer, traceparent } from '../core/tracing';

/** Length of the longest value that propagators get, in bytes. */
const MAX_VALUE = 65_536;

const valid = Buffer.from(traceparent(producer('a')));

/** A propagator that records the values it reads. */
function recordingPropagator(): { propagator: TextMapPropagator; read: string[] } {
  const read: string[] = [];
  return {
    read,
    propagator: {
      fields: () => ['traceparent', 'tracestate', 'baggage'],
      inject: () => undefined,
      extract(context, carrier, getter) {
        for (const field of this.fields()) {
          const value = getter.get(carrier, field);
          if (value !== undefined) read.push(...[value].flat());
        }
        return context;
      },
    },
  };
}

test('a value of more than 64 kB is neither decoded nor given to a propagator', () => {
  const { propagator, read } = recordingPropagator();
  propagation.setGlobalPropagator(propagator);
  const decode = jest.spyOn(Buffer.prototype, 'toString');
  try {
    const headers = {
      traceparent: valid,
      tracestate: Buffer.alloc(MAX_VALUE + 1, 'x'),
      BAGGAGE: [valid, Buffer.alloc(10 * MAX_VALUE, 'x')],
    };
    extractContext({ headers }, ROOT_CONTEXT);
    originsOf(kafkaJsMessages, [{ headers }, { headers }], ROOT_CONTEXT);
    extractContext({ headers: { tracestate: 'x'.repeat(MAX_VALUE + 1) } }, ROOT_CONTEXT);
    expect(new Set(read)).toEqual(new Set([String(valid)]));
    extractContext({ headers: { baggage: Buffer.alloc(MAX_VALUE, 'x') } }, ROOT_CONTEXT);
    expect(read.at(-1)).toHaveLength(MAX_VALUE);
    const decoded = decode.mock.results.map(({ value }) => String(value).length);
    expect(Math.max(...decoded)).toBe(MAX_VALUE);
  } finally {
    decode.mockRestore();
    propagation.disable();
  }
});
