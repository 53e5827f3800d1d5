import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * OpenTelemetry's messaging conventions for Kafka as data: version 1.44.0, and the names that changed in version 1.45.0. Only tests
 * use this file.
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
  /** Only for spans: whether the sampler should see the attribute. */
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

const registry = JSON.parse(readFileSync(join(__dirname, 'messaging-registry.json'), 'utf8')) as Registry;

const attributes = new Map(registry.attributes.map(attribute => [attribute.name, attribute]));
const renamed = new Map(Object.entries(registry.renames_1_45_0));
const renamedFrom = new Map([...renamed].map(([from, to]) => [to, from]));

export const spanDefinitions = registry.kafka_spans;
export const metricDefinitions = registry.metrics;

export const registered = (name: string): RegisteredAttribute | undefined => attributes.get(name);

/** The version of the conventions whose names a span or metric uses. During a migration, it uses the names of both. */
export type Version = '1.44' | '1.45' | '1.44+1.45';

/** Finds the version by an attribute that every span and metric must have. */
export function versionOf(present: Readonly<Record<string, unknown>>): Version | undefined {
  const [older, newer] = ['messaging.system' in present, 'messaging.system.name' in present];
  if (older && newer) return '1.44+1.45';
  return older ? '1.44' : newer ? '1.45' : undefined;
}

/** Returns the names of a v1.44 attribute in another version. */
export function namesIn(version: Version, name: string): readonly string[] {
  const newer = renamed.get(name);
  if (newer === undefined || version === '1.44') return [name];
  return version === '1.45' ? [newer] : [name, newer];
}

/** Returns the v1.44 name of an attribute. */
export const olderName = (name: string): string => renamedFrom.get(name) ?? name;

/** True if a version does not have this name, because the name is newer or deprecated. */
export function isNameOfOtherVersion(
  version: Version,
  { name, deprecated, added_in }: RegisteredAttribute,
): boolean {
  if (version === '1.44')
    return added_in === '1.45.0' || renamedFrom.has(name) || (deprecated !== null && !renamed.has(name));
  return deprecated !== null && !(version === '1.44+1.45' && renamed.has(name));
}
