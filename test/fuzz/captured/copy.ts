import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as KafkaJs from 'kafkajs';

const load = createRequire(__filename);

export interface Internals {
  readonly createErrorFromCode: (code: number) => Error;
  readonly apiKeys: Readonly<Record<string, number>>;
  readonly assignments: { encode(assignment: object): Buffer };
  readonly Decoder: new (buffer: Buffer) => Decoder;
}

export interface Decoder {
  readInt8(): number;
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readString(): string | null;
  readArray<Item>(read: (decoder: Decoder) => Item): Item[];
}

/** A copy of kafkajs with its own classes, so that patches do not affect other copies. */
export interface Copy {
  readonly kafkajs: typeof KafkaJs;
  readonly internals: Internals;
  /** If the program wraps the factories of clients, this function is called for every new client. */
  readonly programWrapper: { wrap?: ((client: object) => void) | undefined };
}

/**
 * Loads a copy whose client factories are already wrapped, by the program or by another vendor, before the
 * instrumentation patches them.
 */
export function loadWrappedCopy(): Copy {
  const copy = loadCopy();
  const factories = copy.kafkajs.Kafka.prototype as unknown as Record<string, (...args: unknown[]) => object>;
  for (const name of ['producer', 'consumer', 'admin']) {
    const original = factories[name] as (...args: unknown[]) => object;
    factories[name] = function (this: unknown, ...args) {
      const client = Reflect.apply(original, this, args);
      copy.programWrapper.wrap?.(client);
      return client;
    };
  }
  return copy;
}

export function loadCopy(): Copy {
  const folder = join(load.resolve('kafkajs/package.json'), '..');
  for (const file of Object.keys(load.cache))
    if (file.startsWith(folder)) Reflect.deleteProperty(load.cache, file);
  const kafkajs = load('kafkajs') as typeof KafkaJs;
  const inner = (file: string): unknown => load(`kafkajs/src/${file}`);
  return {
    kafkajs,
    programWrapper: {},
    internals: {
      createErrorFromCode: (inner('protocol/error.js') as Pick<Internals, 'createErrorFromCode'>)
        .createErrorFromCode,
      apiKeys: inner('protocol/requests/apiKeys.js') as Internals['apiKeys'],
      assignments: (inner('consumer/assignerProtocol.js') as { MemberAssignment: Internals['assignments'] })
        .MemberAssignment,
      Decoder: inner('protocol/decoder.js') as Internals['Decoder'],
    },
  };
}
