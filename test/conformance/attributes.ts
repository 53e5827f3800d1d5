import { ownAttribute } from './own';
import {
  isNameOfOtherVersion,
  olderName,
  registered,
  singleVersions,
  type AttributeType,
  type Version,
} from './registry';

/** A violation of a rule. The exceptions in `declared.ts` name the rule. */
export interface Fault {
  readonly rule: Rule;
  readonly message: string;
}

export type Rule =
  | 'vocabulary'
  | 'definition'
  | 'attribute'
  | 'foreign attribute'
  | 'required'
  | 'name'
  | 'status'
  | 'links'
  | 'batch'
  | 'sampling'
  | 'metric'
  | 'reference';

/** Checks single attributes: are their names known in this version, and do they have a correct type and value? */
export function attributeFaults(version: Version, attributes: Readonly<Record<string, unknown>>): Fault[] {
  return Object.entries(attributes).flatMap(([name, value]) => faultOf(version, name, value) ?? []);
}

function faultOf(version: Version, name: string, value: unknown): Fault | undefined {
  const convention = registered(name);
  const known = convention ?? ownAttribute(name);
  if (!known) {
    const ours = /^(messaging|kafka|server|network|error|exception)\./.test(name);
    return {
      rule: ours ? 'attribute' : 'foreign attribute',
      message: `${name} is neither in the conventions nor in test/conformance/own.ts`,
    };
  }
  if (convention && isNameOfOtherVersion(version, convention)) {
    const instead = convention.deprecated?.renamed_to ?? olderName(name);
    const remedy = instead === name ? '' : `; use ${instead}`;
    return { rule: 'attribute', message: `${name} does not belong to v${version}${remedy}` };
  }
  if (name === 'messaging.kafka.partition' && !singleVersions(version).includes('1.44')) {
    return {
      rule: 'attribute',
      message: `${name} does not belong to v${version}; use messaging.destination.partition.id`,
    };
  }
  const isEmptyKey = olderName(name) === 'messaging.kafka.message.key' && value === '';
  if (!isEmptyKey && !IS[known.type](value)) {
    return { rule: 'attribute', message: `${name} must be of type ${known.type}, not ${show(value)}` };
  }
  const members = convention?.enum
    ?.filter(({ deprecated }) => deprecated === null)
    .map(member => member.value);
  if (members && !convention?.enum_open && !members.includes(String(value))) {
    return { rule: 'attribute', message: `${name} must be one of ${members.join(', ')}, not ${show(value)}` };
  }
  return undefined;
}

const IS: Readonly<Record<AttributeType, (value: unknown) => boolean>> = {
  string: value => typeof value === 'string' && value !== '',
  int: value => typeof value === 'bigint' || Number.isInteger(value),
  boolean: value => typeof value === 'boolean',
  'string[]': value => Array.isArray(value) && value.every(element => typeof element === 'string'),
};

/** Formats a value for a message. */
export function show(value: unknown): string {
  if (value === undefined) return 'undefined';
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** Formats a value for a span name. */
export const plain = (value: unknown): string => (typeof value === 'string' ? value : show(value));
