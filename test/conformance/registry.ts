import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * OpenTelemetry's messaging conventions for Kafka as data: version 1.44.0, and the names that version 1.45.0 has
 * changed. Used only by tests.
 */
interface Registry {
  readonly renames_1_45_0: Readonly<Record<string, string>>;
  readonly attributes: readonly RegisteredAttribute[];
  readonly kafka_spans: readonly SpanDefinition[];
  readonly metrics: readonly MetricDefinition[];
}

export interface RegisteredAttribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly enum: readonly { readonly value: string; readonly deprecated: object | null }[] | null;
  readonly enum_open: boolean | null;
  readonly deprecated: { readonly renamed_to?: string } | null;
  readonly deprecated_since: string | null;
  readonly added_in: string | null;
}

export type AttributeType = 'string' | 'int' | 'boolean' | 'string[]';

export interface AttributeUse {
  /** The name in version 1.44. */
  readonly name: string;
  readonly requirement: 'required' | 'conditionally_required' | 'recommended' | 'opt_in';
  /** True if the sampler should see the attribute. Only for spans. */
  readonly sampling_relevant?: boolean;
}

export interface SpanDefinition {
  readonly kind: 'producer' | 'client' | 'consumer' | 'internal';
  readonly operation_type: string;
  readonly attributes: readonly AttributeUse[];
}

export interface MetricDefinition {
  readonly name: string;
  readonly instrument: 'histogram' | 'counter' | 'gauge';
  readonly unit: string;
  readonly deprecated?: object | null;
  readonly explicit_bucket_boundaries: readonly number[] | null;
  readonly attributes: readonly AttributeUse[];
}

/** Version 1.24.0 of the conventions, which has other names. Only its spans are used. */
interface Registry124 {
  readonly operations: { readonly values: readonly string[] };
  readonly renamed_until_1_44_0: Readonly<Record<string, string>>;
  readonly attributes: readonly (AttributeUse & { readonly type: AttributeType })[];
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(__dirname, file), 'utf8'));
const registry = readJson('messaging-registry.json') as Registry;
export const registry124 = readJson('messaging-registry-1.24.json') as Registry124;

const attributes = new Map(registry.attributes.map(attribute => [attribute.name, attribute]));
const renamed = new Map(Object.entries(registry.renames_1_45_0));
const renamedFrom = new Map([...renamed].map(([from, to]) => [to, from]));

export const spanDefinitions = registry.kafka_spans;
export const metricDefinitions = registry.metrics;

export const registered = (name: string): RegisteredAttribute | undefined => attributes.get(name);

const in124 = new Set(registry124.attributes.map(({ name }) => name));
/** Converts names of v1.24 to names of v1.44. */
const since124 = new Map(Object.entries(registry124.renamed_until_1_44_0));
const until124 = new Map<string, string>([
  ...[...since124].map(([from, to]): [string, string] => [to, from]),
  // v1.24 has one attribute instead of type and name.
  ['messaging.operation.name', 'messaging.operation'],
]);

type SingleVersion = '1.24' | '1.44' | '1.45';

/**
 * Versions of the conventions whose names a span or metric uses. `+` means that it uses the names of several versions
 * at once.
 */
export type Version = '1.24' | '1.44' | '1.45' | '1.24+1.44' | '1.24+1.45' | '1.44+1.45' | '1.24+1.44+1.45';

export const singleVersions = (version: Version): SingleVersion[] => version.split('+') as SingleVersion[];

/** Finds the versions by attributes that almost every span and metric must have. */
export function versionOf(present: Readonly<Record<string, unknown>>): Version | undefined {
  const has = (...names: readonly string[]): boolean => names.some(name => name in present);
  const system = has('messaging.system');
  const newest = has('messaging.system.name');
  const oldest = has('messaging.operation', 'messaging.client_id', 'messaging.kafka.consumer.group');
  if (!oldest) return system && newest ? '1.44+1.45' : system ? '1.44' : newest ? '1.45' : undefined;
  if (!system) return undefined;
  if (!has('messaging.operation.name', 'messaging.client.id')) return '1.24';
  if (!newest) return '1.24+1.44';
  return has('messaging.kafka.cluster.id', 'messaging.kafka.offset', 'messaging.kafka.partition')
    ? '1.24+1.44+1.45'
    : '1.24+1.45';
}

/** Returns the names that a v1.44 attribute has in other versions. */
export function namesIn(version: Version, name: string): readonly string[] {
  const newer = renamed.get(name) ?? name;
  const names = {
    '1.24': until124.get(name) ?? (in124.has(name) ? name : undefined),
    '1.44': name,
    '1.45': newer,
  };
  return [...new Set(singleVersions(version).flatMap(single => names[single] ?? []))];
}

/** Returns the v1.44 name of an attribute. */
export const olderName = (name: string): string => since124.get(name) ?? renamedFrom.get(name) ?? name;

/** True if none of these versions has the name, because it is newer or deprecated. */
export function isNameOfOtherVersion(
  version: Version,
  { name, deprecated, added_in }: RegisteredAttribute,
): boolean {
  const has: Readonly<Record<SingleVersion, boolean>> = {
    '1.24': in124.has(name),
    '1.44': added_in !== '1.45.0' && !renamedFrom.has(name) && (deprecated === null || renamed.has(name)),
    '1.45': deprecated === null,
  };
  return !singleVersions(version).some(single => has[single]);
}

/** Converts `messaging.operation` of v1.24 to the two attributes of v1.44. */
export function operationSince124(operation: string): { readonly type?: string; readonly name: string } {
  if (operation === 'publish') return { type: 'send', name: 'send' };
  if (operation === 'commit') return { type: 'settle', name: operation };
  return ['create', 'process'].includes(operation)
    ? { type: operation, name: operation }
    : { name: operation };
}
