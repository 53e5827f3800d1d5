import { startAdmin, type AdminCall } from '../telemetry/admin';
import type { ClientFacts } from '../telemetry/client';
import { attempt, isOff, type Telemetry } from '../telemetry/telemetry';
import { callAround } from '../telemetry/within';
import { followRequests } from './events';
import { isMethod, type Methods } from './types';
import { wrapMethod } from './wrap';

/** What an admin client has beside its operations. */
const NO_OPERATION = new Set(['connect', 'disconnect', 'logger', 'on', 'events']);

/** Wraps every operation that the installed kafkajs has: older releases lack about half of them. */
export function instrumentAdmin(telemetry: Telemetry, admin: Methods, client: ClientFacts): void {
  const { metrics, settings } = telemetry;
  if (metrics && settings.requestMetrics) followRequests(telemetry, admin);
  for (const method of Object.keys(admin)) {
    if (NO_OPERATION.has(method) || !isMethod(admin[method])) continue;
    wrapMethod(admin, method, original => {
      return function (this: unknown, ...args: unknown[]): unknown {
        if (isOff(telemetry)) return original.apply(this, args);
        const operation = attempt(telemetry, 'admin', () =>
          startAdmin(telemetry, client, { method, ...subjectOf(method, args[0]) }),
        );
        if (!operation) return original.apply(this, args);
        return callAround(telemetry, operation, () => original.apply(this, args));
      };
    });
  }
}

/** Methods whose argument is a list of groups. */
const BY_GROUPS = new Set(['describeGroups', 'deleteGroups']);

type Subject = Pick<AdminCall, 'topic' | 'group'>;
type Fields = Readonly<Record<string, unknown>>;

/** The topic and the group of a call, where it is about one: methods take a topic, lists, or an object with either. */
function subjectOf(method: string, argument: unknown): Subject {
  if (typeof argument === 'string') return { topic: argument, group: undefined };
  if (BY_GROUPS.has(method)) return { topic: undefined, group: text(only(argument)) };
  const { topic, topics, topicPartitions, groupId, resources, acl, filters } = fieldsOf(argument);
  const listed = only(topics) ?? only(topicPartitions);
  const resource = resourceOf(fieldsOf(only(resources) ?? only(acl) ?? only(filters) ?? argument));
  return {
    topic: text(topic) ?? text(listed) ?? text(fieldsOf(listed)['topic']) ?? resource.topic,
    group: text(groupId) ?? resource.group,
  };
}

/** Kafka's numbers for what configurations and access rules are about; a rule may be about all names, or those of a prefix. */
const TOPIC = 2;
const GROUP = 3;
const LITERAL = 3;

function resourceOf({
  type,
  name,
  resourceType,
  resourceName,
  resourcePatternType = LITERAL,
}: Fields): Subject {
  const kind = resourceType ?? type;
  const named = resourcePatternType === LITERAL ? text(resourceName ?? name) : undefined;
  const single = named === '*' ? undefined : named;
  return { topic: kind === TOPIC ? single : undefined, group: kind === GROUP ? single : undefined };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function only(list: unknown): unknown {
  return Array.isArray(list) && list.length === 1 ? (list as readonly unknown[])[0] : undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
