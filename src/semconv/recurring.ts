import type { Attributes } from '@opentelemetry/api';
import type { Facts } from './vocabulary';

/** What tells one message, or one place, of the same client and topic from the next. */
export const VARYING = [
  'partition',
  'offset',
  'key',
  'tombstone',
  'batchCount',
  'serverAddress',
  'serverPort',
] as const satisfies readonly (keyof Facts)[];

export type VaryingFacts = Pick<Facts, (typeof VARYING)[number]>;

interface Shape {
  readonly described: Attributes;
  readonly overwrite: (target: Attributes, facts: VaryingFacts) => void;
}

/**
 * The attributes of one kind of operation of one client on one topic. V8 copies an object of a known shape in a small part of
 * the time that adding ten attributes one by one takes, so there is one such object for each combination of varying facts, and
 * a span gets a copy with its own values in the same places.
 */
export class Recurring {
  readonly #shapes = new Map<number, Shape>();

  /** @param overwriting - what writes the varying facts of objects of the same shape as this one */
  constructor(
    private readonly facts: Facts,
    private readonly describe: (facts: Facts) => Attributes,
    private readonly overwriting: (shape: VaryingFacts) => Shape['overwrite'],
  ) {}

  /** Whether these facts differ from the remembered ones in nothing but what varies. */
  isAbout({ operationName, operationType, destination, group, clientId, clusterId }: Facts): boolean {
    const { facts } = this;
    return (
      clientId === facts.clientId &&
      clusterId === facts.clusterId &&
      group === facts.group &&
      destination === facts.destination &&
      operationName === facts.operationName &&
      operationType === facts.operationType
    );
  }

  attributes(facts: Facts): Attributes {
    const shape = shapeOf(facts);
    const known = this.#shapes.get(shape);
    if (!known) {
      const described = this.describe(facts);
      this.#shapes.set(shape, { described, overwrite: this.overwriting(facts) });
      return { ...described };
    }
    const copy = { ...known.described };
    known.overwrite(copy, facts);
    return copy;
  }
}

function shapeOf({
  partition,
  offset,
  key,
  tombstone,
  batchCount,
  serverAddress,
  serverPort,
}: VaryingFacts): number {
  return (
    (partition === undefined ? 0 : 1) |
    (offset === undefined ? 0 : 2) |
    (key === undefined ? 0 : 4) |
    (tombstone === true ? 8 : 0) |
    (batchCount === undefined ? 0 : 16) |
    (serverAddress === undefined ? 0 : 32) |
    (serverPort === undefined ? 0 : 64)
  );
}
