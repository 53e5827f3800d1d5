import type { Attributes, ReceivedSpan } from '../support/otlp';
import { attributeFaults, plain, show, type Fault } from './attributes';
import { mayCarry, ownAttribute, ownSpanDefinitions } from './own';
import {
  namesIn,
  olderName,
  operationSince124,
  registered,
  singleVersions,
  spanDefinitions,
  versionOf,
  type SpanDefinition,
  type Version,
} from './registry';

/** Options of a program that change the rules for its spans. */
export interface Declared {
  /** `own` means that the program sets the names of spans itself. */
  readonly names?: 'go-agent' | '1.24' | 'own';
  /** True if consumer spans have a parent but no link to it (`consumerContext: 'parent'`). */
  readonly parentOnly?: boolean;
}

/** A span whose attributes have their names of v1.44, so that the same rules work for every version. */
interface Subject {
  readonly span: ReceivedSpan;
  readonly version: Version;
  readonly definition: SpanDefinition;
  /** Attributes by their names of v1.44. */
  readonly attributes: Attributes;
}

/** Returns all violations of the conventions and of the additional rules of this package. */
export function spanFaults(span: ReceivedSpan, declared: Declared = {}): Fault[] {
  const version = versionOf(span.attributes);
  if (!version)
    return [{ rule: 'vocabulary', message: 'it has neither messaging.system nor messaging.system.name' }];
  const single = [
    ...attributeFaults(version, span.attributes),
    ...span.links.flatMap(link => attributeFaults(version, link.attributes)),
  ];
  const definition = definitionOf(span);
  if (typeof definition === 'string') return [...single, { rule: 'definition', message: definition }];
  const attributes = asOlder(span.attributes);
  const subject = { span, version, definition, attributes };
  return [
    ...single,
    ...vocabularyFaults(subject),
    ...membershipFaults(subject),
    ...nameFaults(subject, declared),
    ...statusFaults(subject),
    ...batchFaults(subject),
    ...linkFaults(subject, declared),
  ];
}

/** Returns `messaging.operation.type`, or one of the two operations that have no type. */
export function operationOf({ kind, attributes }: Pick<ReceivedSpan, 'kind' | 'attributes'>): string {
  const type = attributes['messaging.operation.type'];
  if (type !== undefined) return plain(type);
  const older = attributes['messaging.operation'];
  const typeSince124 = older === undefined ? undefined : operationSince124(plain(older)).type;
  if (typeSince124 !== undefined) return typeSince124;
  return kind === 'INTERNAL' ? 'transaction' : 'admin';
}

function definitionOf(span: ReceivedSpan): SpanDefinition | string {
  const operation = operationOf(span);
  const candidates = [...spanDefinitions, ...ownSpanDefinitions].filter(
    ({ operation_type }) => operation_type === operation,
  );
  const found = candidates.find(({ kind }) => kind === span.kind.toLowerCase());
  if (found) return found;
  const kinds = candidates.map(({ kind }) => kind.toUpperCase()).join(' or ');
  return candidates.length === 0
    ? `there is no operation of type ${show(operation)}`
    : `a span of type ${operation} must be ${kinds}, not ${span.kind}`;
}

function asOlder({ 'messaging.operation': operation, ...attributes }: Attributes): Attributes {
  const since = operation === undefined ? undefined : operationSince124(plain(operation));
  return {
    ...(since ? { 'messaging.operation.name': since.name } : {}),
    ...(since?.type === undefined ? {} : { 'messaging.operation.type': since.type }),
    ...Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [olderName(name), asOlderValue(name, value)]),
    ),
  };
}

/** In v1.24, the partition is a number. */
const asOlderValue = <Value>(name: string, value: Value): Value | string =>
  name === 'messaging.kafka.destination.partition' && value !== undefined ? plain(value) : value;

function vocabularyFaults({ span, version, attributes }: Subject): Fault[] {
  const faults: Fault[] = [];
  for (const name of Object.keys(attributes)) {
    const names = namesIn(version, name).filter(each => each !== 'messaging.operation');
    const values = names.map(each => show(asOlderValue(each, span.attributes[each])));
    // If only one of the names is present, attributeFaults reports a wrong version.
    if (new Set(values).size > 1)
      faults.push({ rule: 'vocabulary', message: `${names.join(' and ')} differ: ${values.join(' and ')}` });
  }
  const { 'messaging.operation': operation, 'messaging.operation.type': type } = span.attributes;
  if (operation !== undefined && type !== undefined) {
    const since = operationSince124(plain(operation)).type;
    if (since !== type)
      faults.push({
        rule: 'vocabulary',
        message: `messaging.operation is ${show(operation)} where messaging.operation.type is ${show(type)}`,
      });
  }
  const { 'messaging.kafka.partition': own, 'messaging.destination.partition.id': id } = attributes;
  if (singleVersions(version).includes('1.44') && (id === undefined ? own !== undefined : show(own) !== id))
    faults.push({
      rule: 'vocabulary',
      message: `messaging.kafka.partition is ${show(own)} where messaging.destination.partition.id is ${show(id)}`,
    });
  if (attributes['messaging.system'] !== 'kafka')
    faults.push({
      rule: 'vocabulary',
      message: `messaging.system must be "kafka", not ${show(attributes['messaging.system'])}`,
    });
  return faults;
}

function membershipFaults({ span, version, definition, attributes }: Subject): Fault[] {
  const operation = operationOf(span);
  const names = new Set(definition.attributes.map(({ name }) => name));
  const required = definition.attributes.filter(
    ({ name, requirement }) => requirement === 'required' || MUST_BE_KNOWN[operation]?.includes(name),
  );
  const missing = required
    .flatMap(({ name }) => namesIn(version, name))
    .filter(name => span.attributes[name] === undefined)
    .map((name): Fault => ({ rule: 'required', message: `${name} is required` }));
  const unexpected = Object.keys(attributes)
    .filter(name => registered(name) ?? ownAttribute(name))
    .filter(name => !names.has(name) && !mayCarry(operation, name))
    .map((name): Fault => ({
      rule: 'attribute',
      message: `${name} is not an attribute of a span of type ${operation}`,
    }));
  return [...missing, ...unexpected];
}

/** Attributes that the conventions require "if applicable". With Kafka, they are always known. */
const MUST_BE_KNOWN: Readonly<Record<string, readonly string[]>> = {
  process: [
    'messaging.destination.name',
    'messaging.destination.partition.id',
    'messaging.consumer.group.name',
  ],
  settle: ['messaging.consumer.group.name'],
  create: ['messaging.destination.name'],
};

function nameFaults({ span, version, attributes }: Subject, { names }: Declared): Fault[] {
  if (names === 'own') return span.name === '' ? [{ rule: 'name', message: 'it has no name' }] : [];
  const operation = operationOf(span);
  const name = operation === 'transaction' ? operation : plain(attributes['messaging.operation.name']);
  const subject =
    attributes['messaging.destination.name'] ??
    (operation === 'admin' ? attributes['messaging.consumer.group.name'] : undefined);
  const expected = nameWith(names ?? (version === '1.24' ? '1.24' : undefined), operation, name, subject);
  return span.name === expected ? [] : [{ rule: 'name', message: `its name must be ${show(expected)}` }];
}

function nameWith(names: Declared['names'], operation: string, name: string, destination: unknown): string {
  const subject = destination === undefined ? undefined : plain(destination);
  if (names === '1.24')
    return [...(subject === undefined ? [] : [subject]), operation === 'send' ? 'publish' : name].join(' ');
  if (names !== 'go-agent') return subject === undefined ? name : `${name} ${subject}`;
  const suffix = subject === undefined ? '' : ` "${subject}"`;
  return `kafka ${operation === 'process' ? 'receive' : name}${suffix}`;
}

function statusFaults({ span: { status, events }, attributes }: Subject): Fault[] {
  const faults: Fault[] = [];
  const failed = attributes['error.type'] !== undefined;
  if (status.code === 'OK')
    faults.push({ rule: 'status', message: 'its status must be UNSET if it succeeds, not OK' });
  if (failed !== (status.code === 'ERROR'))
    faults.push({
      rule: 'status',
      message: `its status is ${status.code} and error.type ${failed ? show(attributes['error.type']) : 'absent'}`,
    });
  for (const { name } of events)
    if (name !== 'exception')
      faults.push({ rule: 'status', message: `it must not have an event ${show(name)}` });
  return faults;
}

const OF_ONE_MESSAGE = [
  'messaging.kafka.offset',
  'messaging.kafka.message.key',
  'messaging.kafka.message.tombstone',
  'messaging.message.body.size',
];

function batchFaults({ span, attributes }: Subject): Fault[] {
  const faults: Fault[] = [];
  const count = attributes['messaging.batch.message_count'];
  const operation = operationOf(span);
  if (count !== undefined) {
    if (Number(count) < 0) faults.push({ rule: 'batch', message: `a batch of ${show(count)} messages` });
    for (const name of OF_ONE_MESSAGE)
      if (attributes[name] !== undefined)
        faults.push({
          rule: 'batch',
          message: `${name} is only for spans of one message, but this span has ${show(count)} messages`,
        });
  } else if (operation === 'process' && attributes['messaging.kafka.offset'] === undefined)
    faults.push({
      rule: 'batch',
      message: 'it has neither messaging.batch.message_count nor the offset of a message',
    });
  if (attributes['messaging.kafka.message.tombstone'] === false)
    faults.push({
      rule: 'batch',
      message: 'messaging.kafka.message.tombstone must be absent unless it is true',
    });
  const hasPartition = attributes['messaging.destination.partition.id'] !== undefined;
  if (hasPartition && attributes['messaging.destination.name'] === undefined)
    faults.push({ rule: 'batch', message: 'it has a partition, but no messaging.destination.name' });
  if (attributes['server.port'] !== undefined && attributes['server.address'] === undefined)
    faults.push({ rule: 'batch', message: 'it has server.port, but no server.address' });
  return faults;
}

function linkFaults({ span, attributes }: Subject, { parentOnly }: Declared): Fault[] {
  const faults: Fault[] = [];
  const ids = span.links.map(({ traceId, spanId }) => `${traceId}-${spanId}`);
  if (new Set(ids).size < ids.length)
    faults.push({ rule: 'links', message: 'it has two links to the same span' });
  if (operationOf(span) === 'send' && span.kind === 'CLIENT' && ids.length === 0)
    faults.push({
      rule: 'links',
      message: 'a send span of kind CLIENT must link to the contexts of its messages',
    });
  if (span.kind === 'CONSUMER' && span.parentSpanId !== undefined && !parentOnly && ids.length === 0)
    faults.push({ rule: 'links', message: 'its messages have trace contexts, but it has no links' });
  const perMessage = attributes['messaging.batch.message_count'] !== undefined;
  if (!perMessage && span.links.some(link => Object.keys(link.attributes).length > 0))
    faults.push({
      rule: 'links',
      message: 'a span of one message must have the message attributes itself, not on its links',
    });
  return faults;
}
