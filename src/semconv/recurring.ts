import type { Attributes } from '@opentelemetry/api';
import type { Facts } from './vocabulary';

/** What tells one message, or one call, on a partition from the next. */
export const OF_MESSAGE = [
  'offset',
  'key',
  'tombstone',
  'batchCount',
] as const satisfies readonly (keyof Facts)[];

/** What tells one partition of a topic from another: the same for message after message. */
export const OF_PLACE = [
  'partition',
  'serverAddress',
  'serverPort',
] as const satisfies readonly (keyof Facts)[];

type Place = Pick<Facts, (typeof OF_PLACE)[number]>;

export type VaryingFacts = Place & Pick<Facts, (typeof OF_MESSAGE)[number]>;

/** Writes the facts that vary over those of another span. */
export type Overwrite = (target: Attributes, facts: VaryingFacts) => void;

/** How the facts that vary are written over those of another span. */
export interface Overwriting {
  readonly ofMessage: Overwrite;
  readonly ofPlace: Overwrite;
}

interface Shape {
  /** Those of the last place, and of some message. */
  readonly attributes: Attributes;
  readonly overwriting: Overwriting;
  place: Place;
}

/**
 * The attributes of one kind of operation of one client on one topic. V8 copies an object of a known shape in a small part of
 * the time that adding ten attributes one by one takes, so there is one such object for each combination of varying facts, and
 * a span gets a copy with its own values in the same places.
 */
export class Recurring {
  readonly #shapes = new Map<number, Shape>();

  constructor(
    private readonly facts: Facts,
    private readonly describe: (facts: Facts) => Attributes,
    private readonly overwriting: (attributes: Attributes) => Overwriting,
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
      const attributes = this.describe(facts);
      const overwriting = this.overwriting(attributes);
      this.#shapes.set(shape, { attributes, overwriting, place: placeOf(facts) });
      return { ...attributes };
    }
    const { attributes, overwriting, place } = known;
    if (!isAt(place, facts)) {
      overwriting.ofPlace(attributes, facts);
      known.place = placeOf(facts);
    }
    const copy = { ...attributes };
    overwriting.ofMessage(copy, facts);
    return copy;
  }
}

const placeOf = ({ partition, serverAddress, serverPort }: Place): Place => ({
  partition,
  serverAddress,
  serverPort,
});

const isAt = (place: Place, { partition, serverAddress, serverPort }: Place): boolean =>
  place.partition === partition && place.serverAddress === serverAddress && place.serverPort === serverPort;

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
