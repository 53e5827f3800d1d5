import { ROOT_CONTEXT, propagation, type TextMapPropagator } from '@opentelemetry/api';
import { extractFrom } from '../../../src/propagation/extract';
import { producersOf } from '../../../src/propagation/batch-origins';
import { producer, traceparent } from '../core/tracing';

/** The longest value that a propagator gets to see, in bytes. */
const MAX_VALUE = 65_536;

const valid = Buffer.from(traceparent(producer('a')));

/** Keeps what it was given to read. */
function listening(): { propagator: TextMapPropagator; read: string[] } {
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

test('no propagator is given a value of more than 64 kB, nor are its bytes decoded', () => {
  const { propagator, read } = listening();
  propagation.setGlobalPropagator(propagator);
  const decode = jest.spyOn(Buffer.prototype, 'toString');
  try {
    const headers = {
      traceparent: valid,
      tracestate: Buffer.alloc(MAX_VALUE + 1, 'x'),
      BAGGAGE: [valid, Buffer.alloc(10 * MAX_VALUE, 'x')],
    };
    extractFrom({ headers }, ROOT_CONTEXT);
    producersOf([{ headers }, { headers }], ROOT_CONTEXT);
    extractFrom({ headers: { tracestate: 'x'.repeat(MAX_VALUE + 1) } }, ROOT_CONTEXT);
    expect(new Set(read)).toEqual(new Set([String(valid)]));
    extractFrom({ headers: { baggage: Buffer.alloc(MAX_VALUE, 'x') } }, ROOT_CONTEXT);
    expect(read.at(-1)).toHaveLength(MAX_VALUE);
    const decoded = decode.mock.results.map(({ value }) => String(value).length);
    expect(Math.max(...decoded)).toBe(MAX_VALUE);
  } finally {
    decode.mockRestore();
    propagation.disable();
  }
});
