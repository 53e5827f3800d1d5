import type { Attributes } from '@opentelemetry/api';

/** What is known about an operation. A field that is `undefined` adds no attribute. */
export interface OperationFacts {
  readonly operationName?: string | undefined;
  readonly operationType?: OperationType | undefined;
  readonly destination?: string | undefined;
  readonly partition?: number | undefined;
  readonly offset?: number | undefined;
  readonly key?: string | undefined;
  /** Written only if true. If it is absent, it is false. */
  readonly tombstone?: boolean | undefined;
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

/** `messaging.operation.type` of the conventions. */
export type OperationType = 'create' | 'send' | 'process' | 'settle' | 'receive';

/**
 * How a Kafka transaction ended. `unknown` means that its commit failed and it can be neither committed nor aborted any more,
 * and `abandoned` that the program tried no commit before its producer disconnected.
 */
export type TransactionOutcome = 'committed' | 'aborted' | 'unknown' | 'abandoned';

/** The version of the messaging conventions. `1.44+1.45` writes both, for the time while a backend moves to the new names. */
export type Semconv = '1.44' | '1.45' | '1.44+1.45';

/** Converts facts to attributes. Attribute names are written only in this file. */
export interface Vocabulary {
  /** The attributes of a span: `messaging.system` and every known fact. */
  spanAttributes(facts: OperationFacts): Attributes;
  /** Only the attributes of the known facts. For links, and for facts that become known after a span has started. */
  attributes(facts: OperationFacts): Attributes;
  /** The attributes of a metric: those of a span without `messaging.kafka.partition`, which repeats the partition id. */
  metricAttributes(facts: OperationFacts): Attributes;
}

/** One version's attribute names. */
interface Version {
  writeSystem(attributes: Attributes): void;
  write(attributes: Attributes, facts: OperationFacts, isMetric: boolean): void;
}

// No messaging name is stable yet, and the `/incubating` constants may change in a minor release, so the names are written
// here. A test compares them with the constants.

function writeCommon(attributes: Attributes, facts: OperationFacts): void {
  if (facts.operationName !== undefined) attributes['messaging.operation.name'] = facts.operationName;
  if (facts.operationType !== undefined) attributes['messaging.operation.type'] = facts.operationType;
  if (facts.destination !== undefined) attributes['messaging.destination.name'] = facts.destination;
  if (facts.partition !== undefined)
    attributes['messaging.destination.partition.id'] = String(facts.partition);
  if (facts.batchCount !== undefined) attributes['messaging.batch.message_count'] = facts.batchCount;
  if (facts.group !== undefined) attributes['messaging.consumer.group.name'] = facts.group;
  if (facts.clientId !== undefined) attributes['messaging.client.id'] = facts.clientId;
  if (facts.serverAddress !== undefined) attributes['server.address'] = facts.serverAddress;
  if (facts.serverPort !== undefined) attributes['server.port'] = facts.serverPort;
  if (facts.errorType !== undefined) attributes['error.type'] = facts.errorType;
  if (facts.transactionOutcome !== undefined)
    attributes['kafka.transaction.outcome'] = facts.transactionOutcome;
  if (facts.restarts !== undefined) attributes['kafka.consumer.restarts'] = facts.restarts;
  if (facts.api !== undefined) attributes['kafka.api.name'] = facts.api;
}

const V1_44: Version = {
  writeSystem(attributes) {
    attributes['messaging.system'] = 'kafka';
  },
  write(attributes, facts, isMetric) {
    writeCommon(attributes, facts);
    // For users of Last9's agent for Sarama. That agent writes the partition as a number.
    if (facts.partition !== undefined && !isMetric) attributes['messaging.kafka.partition'] = facts.partition;
    if (facts.offset !== undefined) attributes['messaging.kafka.offset'] = facts.offset;
    if (facts.key !== undefined) attributes['messaging.kafka.message.key'] = facts.key;
    if (facts.tombstone === true) attributes['messaging.kafka.message.tombstone'] = true;
    if (facts.clusterId !== undefined) attributes['messaging.kafka.cluster.id'] = facts.clusterId;
  },
};

/** v1.45 removed the prefix `messaging` from names that exist only for Kafka. */
const V1_45: Version = {
  writeSystem(attributes) {
    attributes['messaging.system.name'] = 'kafka';
  },
  write(attributes, facts) {
    writeCommon(attributes, facts);
    if (facts.offset !== undefined) attributes['kafka.offset'] = facts.offset;
    if (facts.key !== undefined) attributes['kafka.message.key'] = facts.key;
    if (facts.tombstone === true) attributes['kafka.message.tombstone'] = true;
    if (facts.clusterId !== undefined) attributes['kafka.cluster.id'] = facts.clusterId;
  },
};

const VERSIONS: Readonly<Record<Semconv, readonly Version[]>> = {
  '1.44': [V1_44],
  '1.45': [V1_45],
  '1.44+1.45': [V1_44, V1_45],
};

export function vocabularyOf(semconv: Semconv): Vocabulary {
  const versions = VERSIONS[semconv];
  const write = (facts: OperationFacts, withSystem: boolean, isMetric: boolean): Attributes => {
    const attributes: Attributes = {};
    for (const version of versions) {
      if (withSystem) version.writeSystem(attributes);
      version.write(attributes, facts, isMetric);
    }
    return attributes;
  };
  return {
    spanAttributes: facts => write(facts, true, false),
    attributes: facts => write(facts, false, false),
    metricAttributes: facts => write(facts, true, true),
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
