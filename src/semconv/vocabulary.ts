import type { Attributes } from '@opentelemetry/api';
import { ignoreRejection } from '../support/guard';

/** The known facts about an operation. A field that is `undefined` adds no attribute. */
export interface OperationFacts {
  readonly operationName?: string | undefined;
  readonly operationType?: OperationType | undefined;
  readonly destination?: string | undefined;
  readonly partition?: number | undefined;
  readonly offset?: number | undefined;
  readonly key?: string | undefined;
  /** Written as an attribute only if true, as the conventions say. */
  readonly tombstone?: boolean | undefined;
  /** Bytes of the value. */
  readonly bodySize?: number | undefined;
  readonly batchCount?: number | undefined;
  readonly group?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clusterId?: string | undefined;
  readonly serverAddress?: string | undefined;
  readonly serverPort?: number | undefined;
  readonly errorType?: string | undefined;
  readonly transactionOutcome?: TransactionOutcome | undefined;
  /** Whether the client restarts a crashed consumer. */
  readonly restarts?: boolean | undefined;
  /** A Kafka protocol API, such as `Produce`. */
  readonly api?: string | undefined;
}

/** The values of `messaging.operation.type` in the conventions. */
export type OperationType = 'create' | 'send' | 'process' | 'settle' | 'receive';

/**
 * How a Kafka transaction ended. `unknown`: the commit failed, and the transaction can no longer be committed or
 * aborted. `abandoned`: the producer disconnected before the program tried to commit.
 */
export type TransactionOutcome = 'committed' | 'aborted' | 'unknown' | 'abandoned';

type SemconvVersion = '1.24' | '1.44' | '1.45';

/** All combinations of versions joined by `+`, in any order, each version at most once. */
type Joined<Versions extends SemconvVersion, First extends Versions = Versions> = First extends Versions
  ? First | `${First}+${Joined<Exclude<Versions, First>>}`
  : never;

/**
 * The version of the messaging conventions, or several versions joined by `+`. With `1.44+1.45`, attributes get the
 * names of both versions. Use this while a backend moves to the new names.
 */
export type Semconv = Joined<SemconvVersion>;

/** Checks a text such as `1.44+1.45`. `undefined` if a version is unknown or appears twice. */
export function readSemconv(text: string): Semconv | undefined {
  const versions = text.split('+');
  const isKnown = versions.every(version => Object.hasOwn(VERSIONS, version));
  return isKnown && new Set(versions).size === versions.length ? (text as Semconv) : undefined;
}

/** The first version decides the span names. */
export const firstVersion = (semconv: Semconv): string => semconv.split('+', 1)[0] ?? semconv;

/** Converts facts to attributes. Attribute names are written only in this file. */
export interface Vocabulary {
  /** The attributes of a span: `messaging.system` and every known fact. */
  spanAttributes(facts: OperationFacts): Attributes;
  /** Like `spanAttributes`, without `messaging.system`. For links, and for spans that have already started. */
  attributes(facts: OperationFacts): Attributes;
  /** The attributes of a metric. `messaging.kafka.partition` is left out, because it only repeats the partition id. */
  metricAttributes(facts: OperationFacts): Attributes;
}

/** The attribute names of one version of the conventions. */
interface Version {
  /** The attribute that has the value `kafka`. */
  readonly system: string;
  write(attributes: Attributes, facts: OperationFacts, isMetric: boolean): void;
}

// The names are literals, because the `/incubating` constants of @opentelemetry/semantic-conventions may change in a
// minor release. A test compares the names with these constants.

/** Names that are the same in all versions. */
function writeCommon(attributes: Attributes, facts: OperationFacts): void {
  if (facts.bodySize !== undefined) attributes['messaging.message.body.size'] = facts.bodySize;
  if (facts.batchCount !== undefined) attributes['messaging.batch.message_count'] = facts.batchCount;
  if (facts.serverAddress !== undefined) attributes['server.address'] = facts.serverAddress;
  if (facts.serverPort !== undefined) attributes['server.port'] = facts.serverPort;
  if (facts.errorType !== undefined) attributes['error.type'] = facts.errorType;
  if (facts.transactionOutcome !== undefined)
    attributes['kafka.transaction.outcome'] = facts.transactionOutcome;
  if (facts.restarts !== undefined) attributes['kafka.consumer.restarts'] = facts.restarts;
  if (facts.api !== undefined) attributes['kafka.api.name'] = facts.api;
}

/** Names that v1.44 and v1.45 share. */
function writeCurrent(attributes: Attributes, facts: OperationFacts): void {
  if (facts.operationName !== undefined) attributes['messaging.operation.name'] = facts.operationName;
  if (facts.operationType !== undefined) attributes['messaging.operation.type'] = facts.operationType;
  if (facts.destination !== undefined) attributes['messaging.destination.name'] = facts.destination;
  if (facts.partition !== undefined)
    attributes['messaging.destination.partition.id'] = String(facts.partition);
  if (facts.group !== undefined) attributes['messaging.consumer.group.name'] = facts.group;
  if (facts.clientId !== undefined) attributes['messaging.client.id'] = facts.clientId;
}

/** Names that v1.24 and v1.44 share. */
function writeOlderMessage(attributes: Attributes, facts: OperationFacts): void {
  if (facts.key !== undefined) attributes['messaging.kafka.message.key'] = facts.key;
  if (facts.tombstone === true) attributes['messaging.kafka.message.tombstone'] = true;
}

/** For backends that have not adopted later names. v1.24 has no name for the cluster id. */
const V1_24: Version = {
  system: 'messaging.system',
  write(attributes, facts) {
    writeCommon(attributes, facts);
    writeOlderMessage(attributes, facts);
    const operation = operationIn1_24(facts);
    if (operation !== undefined) attributes['messaging.operation'] = operation;
    if (facts.destination !== undefined) attributes['messaging.destination.name'] = facts.destination;
    if (facts.partition !== undefined) attributes['messaging.kafka.destination.partition'] = facts.partition;
    if (facts.offset !== undefined) attributes['messaging.kafka.message.offset'] = facts.offset;
    if (facts.group !== undefined) attributes['messaging.kafka.consumer.group'] = facts.group;
    if (facts.clientId !== undefined) attributes['messaging.client_id'] = facts.clientId;
  },
};

/**
 * The value of `messaging.operation` in v1.24. For processing, two pages of v1.24 disagree: `deliver` or `process`. We
 * write `process`, like OpenTelemetry's Java agent.
 */
function operationIn1_24({ operationName, operationType }: OperationFacts): string | undefined {
  if (operationType === 'send') return 'publish';
  return operationType === undefined || operationType === 'settle' ? operationName : operationType;
}

const V1_44: Version = {
  system: 'messaging.system',
  write(attributes, facts, isMetric) {
    writeCurrent(attributes, facts);
    writeCommon(attributes, facts);
    writeOlderMessage(attributes, facts);
    // Last9's Go agent writes the partition under this name, as a number, and its users expect that.
    if (facts.partition !== undefined && !isMetric) attributes['messaging.kafka.partition'] = facts.partition;
    if (facts.offset !== undefined) attributes['messaging.kafka.offset'] = facts.offset;
    if (facts.clusterId !== undefined) attributes['messaging.kafka.cluster.id'] = facts.clusterId;
  },
};

/** v1.45 removed the prefix `messaging` from names that exist only for Kafka. */
const V1_45: Version = {
  system: 'messaging.system.name',
  write(attributes, facts) {
    writeCurrent(attributes, facts);
    writeCommon(attributes, facts);
    if (facts.offset !== undefined) attributes['kafka.offset'] = facts.offset;
    if (facts.key !== undefined) attributes['kafka.message.key'] = facts.key;
    if (facts.tombstone === true) attributes['kafka.message.tombstone'] = true;
    if (facts.clusterId !== undefined) attributes['kafka.cluster.id'] = facts.clusterId;
  },
};

const VERSIONS: Readonly<Record<SemconvVersion, Version>> = { '1.24': V1_24, '1.44': V1_44, '1.45': V1_45 };

export function vocabularyOf(semconv: Semconv): Vocabulary {
  const versions = semconv.split('+').map(version => VERSIONS[version as SemconvVersion]);
  // v1.24 defines different metrics, so metrics use the names of v1.44 even if only v1.24 is chosen.
  const current = versions.filter(version => version !== V1_24);
  const metricVersions = current.length > 0 ? current : [V1_44];
  const write = (used: readonly Version[], facts: OperationFacts, withSystem: boolean, isMetric: boolean) => {
    const attributes: Attributes = {};
    for (const version of used) {
      if (withSystem) attributes[version.system] = 'kafka';
      version.write(attributes, facts, isMetric);
    }
    return attributes;
  };
  return {
    spanAttributes: facts => write(versions, facts, true, false),
    attributes: facts => write(versions, facts, false, false),
    metricAttributes: facts => write(metricVersions, facts, true, true),
  };
}

/** The event name of an exception in the logs. The conventions define one name per type of operation. */
export const exceptionEvent = (type: OperationType | undefined): string =>
  type === undefined ? 'exception' : `messaging.${type}.exception`;

/** The Kafka topic of a span, in any version of the conventions. `undefined` for other spans. */
export function destinationOf(attributes: Attributes): string | undefined {
  const system = attributes['messaging.system'] ?? attributes['messaging.system.name'];
  const destination = attributes['messaging.destination.name'];
  return system === 'kafka' && typeof destination === 'string' ? destination : undefined;
}

/** The attribute of a captured record header, as OpenTelemetry's Java agent names it. */
export const capturedHeader = (name: string): string => `messaging.header.${name}`;

/** Describes an operation, for the functions in the options `filter` and `spanName`. */
export interface KafkaOperation {
  readonly kind: 'send' | 'create' | 'process' | 'commit' | 'transaction' | 'admin';
  /** The method of an admin call, such as `createTopics`. For all other operations, the same text as `kind`. */
  readonly name: string;
  /** `undefined` if the operation concerns several topics, or none. */
  readonly topic: string | undefined;
  /** The consumer group, if there is one. */
  readonly group: string | undefined;
  /** `undefined` if the operation is not about messages. */
  readonly messageCount: number | undefined;
  /** Key and headers of the message, for an operation on a single message. */
  readonly key?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** Names of operations and of their spans. */
export interface Naming {
  /** Converts the internal name of an operation to the value of `messaging.operation.name`. */
  readonly operation: (name: string) => string;
  readonly span: (operation: KafkaOperation) => string;
  /** The span name of the conventions, used if `span` throws. */
  readonly conventional: (operation: KafkaOperation) => string;
}

const unchanged = (name: string): string => name;

/** `{operation} {destination}`, as in the messaging conventions. Without a destination, only the operation. */
function conventionalName(operation: KafkaOperation): string {
  const destination = namedDestination(operation);
  return destination === undefined ? operation.name : `${operation.name} ${destination}`;
}

/** `{destination} {operation}`, as in v1.24, for example `orders publish`. OpenTelemetry's Java agent writes the same names. */
function nameIn1_24(operation: KafkaOperation): string {
  const destination = namedDestination(operation);
  const name = operation.kind === 'send' ? 'publish' : operation.name;
  return destination === undefined ? name : `${destination} ${name}`;
}

/**
 * Names as in Last9's Go agent, such as `kafka send "orders"`. That agent says `receive` where the conventions say
 * `process`.
 */
const goAgentOperation = (name: string): string => (name === 'process' ? 'receive' : name);
function goAgentName(operation: KafkaOperation): string {
  const destination = namedDestination(operation);
  const name = `kafka ${goAgentOperation(operation.name)}`;
  return destination === undefined ? name : `${name} "${destination}"`;
}

/**
 * Creates the naming for the option `spanName`. If a user's function returns no name, the span gets the name of the
 * conventions.
 */
export function namingOf(
  spanName: 'semconv' | 'go-agent' | ((operation: KafkaOperation) => unknown),
  version = '1.44',
): Naming {
  const conventional = version === '1.24' ? nameIn1_24 : conventionalName;
  if (spanName === 'semconv') return { operation: unchanged, span: conventional, conventional };
  if (spanName === 'go-agent') return { operation: goAgentOperation, span: goAgentName, conventional };
  return {
    operation: unchanged,
    span(operation) {
      const name = spanName(operation);
      ignoreRejection(name);
      return typeof name === 'string' && name !== '' ? name : conventional(operation);
    },
    conventional,
  };
}

/** The destination of an admin call may be a group instead of a topic. */
function namedDestination({ kind, topic, group }: KafkaOperation): string | undefined {
  return topic ?? (kind === 'admin' ? group : undefined);
}
