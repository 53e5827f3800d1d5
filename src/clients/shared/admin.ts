import { traceAdmin } from '../../core/admin';
import type { AdminCall, ClientInfo } from '../../core/port';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { isMethod, wrapMethod, type Methods } from '../../support/wrap';

/** These properties of an admin client are not traced. */
const NOT_OPERATIONS = new Set(['constructor', 'connect', 'disconnect', 'logger', 'on', 'events']);

/**
 * Wraps the operations of an admin client.
 *
 * @param names - all properties of the client, because each release of a library has other operations
 */
export function wrapOperations(
  runtime: Runtime,
  admin: Methods,
  client: ClientInfo,
  names: readonly string[],
): void {
  // True during the synchronous part of an operation. Operations that start in this time are called by the library, not by
  // the program, so they get no span.
  let isInside = false;
  for (const method of names) {
    if (NOT_OPERATIONS.has(method) || method.startsWith('_') || !isMethod(admin[method])) continue;
    wrapMethod(
      admin,
      method,
      original =>
        function (this: unknown, ...args: unknown[]): unknown {
          if (isInside) return original.apply(this, args);
          const call = () => {
            isInside = true;
            try {
              return original.apply(this, args);
            } finally {
              isInside = false;
            }
          };
          return traceAdmin(runtime, client, () => ({ method, ...subjectOf(method, args[0]) }), call);
        },
    );
  }
}

const BY_GROUPS = new Set(['describeGroups', 'deleteGroups']);

type Subject = Pick<AdminCall, 'topic' | 'group'>;
type Fields = Readonly<Record<string, unknown>>;

/**
 * Finds the topic or group of an admin call, if there is exactly one. The argument may be a topic, a list of topics, or an
 * object that contains one of these.
 */
function subjectOf(method: string, argument: unknown): Subject {
  if (typeof argument === 'string') return { topic: argument, group: undefined };
  if (BY_GROUPS.has(method)) return { topic: undefined, group: stringOf(onlyItem(argument)) };
  const { topic, topics, topicPartitions, groupId, resources, acl, filters } = fieldsOf(argument);
  const listed = onlyItem(topics) ?? onlyItem(topicPartitions);
  const resource = resourceOf(
    fieldsOf(onlyItem(resources) ?? onlyItem(acl) ?? onlyItem(filters) ?? argument),
  );
  return {
    topic: stringOf(topic) ?? stringOf(listed) ?? stringOf(fieldsOf(listed)['topic']) ?? resource.topic,
    group: stringOf(groupId) ?? resource.group,
  };
}

/**
 * Numbers in Kafka's protocol. `TOPIC` and `GROUP` are resource types. `LITERAL` is the pattern type of an ACL for
 * exactly one resource.
 */
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
  const named = resourcePatternType === LITERAL ? stringOf(resourceName ?? name) : undefined;
  const single = named === '*' ? undefined : named;
  return { topic: kind === TOPIC ? single : undefined, group: kind === GROUP ? single : undefined };
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function onlyItem(list: unknown): unknown {
  return Array.isArray(list) && list.length === 1 ? (list as readonly unknown[])[0] : undefined;
}

const stringOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
