import type { AttributeValue, Attributes } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '@opentelemetry/semantic-conventions';
import { OF_MESSAGE, OF_PLACE, Recurring, type Overwriting, type VaryingFacts } from './recurring';

/**
 * What is known about an operation, in neutral terms. Nothing outside this file spells an attribute name;
 * a field that is `undefined` is simply not written.
 */
export interface Facts {
  operationName?: string | undefined;
  operationType?: OperationType | undefined;
  destination?: string | undefined;
  partition?: number | undefined;
  offset?: number | undefined;
  key?: string | undefined;
  /** Written only when true: absent means false. */
  tombstone?: boolean | undefined;
  batchCount?: number | undefined;
  group?: string | undefined;
  clientId?: string | undefined;
  clusterId?: string | undefined;
  serverAddress?: string | undefined;
  serverPort?: number | undefined;
  errorType?: string | undefined;
  transactionOutcome?: TransactionOutcome | undefined;
  /** Whether kafkajs starts a crashed consumer again. */
  restarts?: boolean | undefined;
  /** The name of a Kafka protocol API, `Produce` for example. */
  api?: string | undefined;
}

/** `messaging.operation.type` of the conventions. */
export type OperationType = 'create' | 'send' | 'process' | 'settle' | 'receive';

/** How a Kafka transaction ended; `unknown` when kafkajs can neither commit nor abort it any more. */
export type TransactionOutcome = 'committed' | 'aborted' | 'unknown' | 'abandoned';

/** Which version of the messaging conventions attributes follow; both at once while a backend moves from one to the other. */
export type Semconv = '1.44' | '1.45' | '1.44+1.45';

/** Writes facts as attributes. */
export interface Vocabulary {
  /** The attributes of a span: `messaging.system` and every fact that is known. */
  readonly messagingAttributes: (facts: Facts) => Attributes;
  /** The same for span after span that differ in what a single message or place tells: see `recurring.ts`. */
  readonly recurring: (facts: Facts) => Recurring;
  /** Only the facts themselves: for what is learnt after a span has started. */
  readonly attributes: (facts: Facts) => Attributes;
  /** The same of facts that vary from message to message, and faster: for links, and for where a message was written. */
  readonly varyingAttributes: (facts: VaryingFacts) => Attributes;
  /** The attributes of a metric: like those of a span, without what says the same thing twice. */
  readonly metricAttributes: (facts: Facts) => Attributes;
}

interface Entry {
  readonly key: string;
  readonly encode?: (value: never) => AttributeValue | undefined;
  readonly isForSpansOnly?: boolean;
}

type Table = Readonly<Record<keyof Facts | 'system', readonly Entry[]>>;

/**
 * None of the messaging names is stable yet, so they are copied here instead of imported from the `/incubating` entry, which
 * may break in a minor release; a test compares them with it.
 */
const COMMON = {
  operationName: [{ key: 'messaging.operation.name' }],
  operationType: [{ key: 'messaging.operation.type' }],
  destination: [{ key: 'messaging.destination.name' }],
  batchCount: [{ key: 'messaging.batch.message_count' }],
  group: [{ key: 'messaging.consumer.group.name' }],
  clientId: [{ key: 'messaging.client.id' }],
  serverAddress: [{ key: ATTR_SERVER_ADDRESS }],
  serverPort: [{ key: ATTR_SERVER_PORT }],
  errorType: [{ key: ATTR_ERROR_TYPE }],
  transactionOutcome: [{ key: 'kafka.transaction.outcome' }],
  restarts: [{ key: 'kafka.consumer.restarts' }],
  api: [{ key: 'kafka.api.name' }],
} as const satisfies Partial<Table>;

const PARTITION: Entry = {
  key: 'messaging.destination.partition.id',
  encode: (partition: number) => String(partition),
};

/** Absent means false. */
const onlyTrue = (tombstone: boolean): true | undefined => tombstone || undefined;

const V1_44: Table = {
  ...COMMON,
  system: [{ key: 'messaging.system' }],
  // The second is Last9's, for those who come from its agent for Sarama.
  partition: [PARTITION, { key: 'messaging.kafka.partition', isForSpansOnly: true }],
  offset: [{ key: 'messaging.kafka.offset' }],
  key: [{ key: 'messaging.kafka.message.key' }],
  tombstone: [{ key: 'messaging.kafka.message.tombstone', encode: onlyTrue }],
  clusterId: [{ key: 'messaging.kafka.cluster.id' }],
};

/** v1.45 took the `messaging` prefix from what only Kafka has. */
const V1_45: Table = {
  ...COMMON,
  system: [{ key: 'messaging.system.name' }],
  partition: [PARTITION],
  offset: [{ key: 'kafka.offset' }],
  key: [{ key: 'kafka.message.key' }],
  tombstone: [{ key: 'kafka.message.tombstone', encode: onlyTrue }],
  clusterId: [{ key: 'kafka.cluster.id' }],
};

const TABLES = { '1.44': [V1_44], '1.45': [V1_45], '1.44+1.45': [V1_44, V1_45] } as const satisfies Record<
  Semconv,
  readonly Table[]
>;

/** The event of an exception, as a log record; the conventions name one for each type of operation. */
export const exceptionEvent = (type: OperationType | undefined): string =>
  type === undefined ? 'exception' : `messaging.${type}.exception`;

/** The topic that a span of any vocabulary is about; `undefined` where it is not one of Kafka's. */
export function destinationOf(attributes: Attributes): string | undefined {
  const system = attributes['messaging.system'] ?? attributes['messaging.system.name'];
  const destination = attributes['messaging.destination.name'];
  return system === 'kafka' && typeof destination === 'string' ? destination : undefined;
}

/** The attribute of a record header that was chosen to be captured; a convention of OpenTelemetry's Java agent. */
export const capturedHeader = (name: string): string => `messaging.header.${name}`;

/** One attribute: the fact it writes, under which key, and how. */
interface Writing {
  readonly field: keyof Facts;
  readonly key: string;
  readonly encode: ((value: never) => AttributeValue | undefined) | undefined;
}

export function vocabularyOf(semconv: Semconv): Vocabulary {
  const tables = TABLES[semconv];
  const system = distinct(tables.flatMap(table => table.system)).map(({ key }) => key);
  const fields = (Object.keys(V1_44) as (keyof Table)[]).filter(field => field !== 'system');
  const writings = (isChosen: (entry: Entry) => boolean): readonly Writing[] =>
    fields.flatMap(field =>
      distinct(tables.flatMap(table => table[field]))
        .filter(isChosen)
        .map(({ key, encode }) => ({ field, key, encode })),
    );
  const ofSpans = writings(() => true);
  const messagingAttributes = (facts: Facts) => write(ofSpans, facts, withSystem());
  const those = (chosen: readonly string[]) => ofSpans.filter(({ field }) => chosen.includes(field));
  const varying = those([...OF_MESSAGE, ...OF_PLACE]);
  const overwriting = (attributes: Attributes): Overwriting => {
    // A fact that a shape does not have need not be looked for: a link tells two of nine.
    const overwrite = (chosen: readonly string[]) => {
      const present = those(chosen).filter(({ key }) => Object.hasOwn(attributes, key));
      return (target: Attributes, facts: VaryingFacts) => write(present, facts, target);
    };
    return { ofMessage: overwrite(OF_MESSAGE), ofPlace: overwrite(OF_PLACE) };
  };
  const alone = new Recurring({}, facts => write(varying, facts, {}), overwriting);
  const ofMetrics = writings(({ isForSpansOnly }) => !isForSpansOnly);
  const withSystem = () => {
    const target: Attributes = {};
    for (const key of system) target[key] = 'kafka';
    return target;
  };
  return {
    messagingAttributes,
    recurring: facts => new Recurring(facts, messagingAttributes, overwriting),
    attributes: facts => write(ofSpans, facts, {}),
    varyingAttributes: facts => alone.attributes(facts),
    metricAttributes: facts => write(ofMetrics, facts, withSystem()),
  };
}

/**
 * This runs for every span. Walking the few attributes that there can be costs a fortieth of walking the facts that there
 * are: `for … in` over objects of ever different shapes is what V8 does worst.
 */
function write(writings: readonly Writing[], facts: Facts, target: Attributes): Attributes {
  for (const { field, key, encode } of writings) {
    const value = facts[field];
    if (value === undefined) continue;
    const written = encode ? encode(value as never) : value;
    if (written !== undefined) target[key] = written;
  }
  return target;
}

function distinct(entries: readonly Entry[]): Entry[] {
  return entries.filter((entry, index) => entries.findIndex(({ key }) => key === entry.key) === index);
}
