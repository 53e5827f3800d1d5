import { startAdmin, type AdminCall } from '../telemetry/admin';
import { attempt, isSuppressed, type ClientFacts, type Telemetry } from '../telemetry/telemetry';
import { callAround } from '../telemetry/within';
import { followRequests } from './events';
import { isMethod, type Methods } from './types';
import { wrapMethod } from './wrap';

/** What an admin client has beside its operations. */
const NO_OPERATION = new Set(['connect', 'disconnect', 'logger', 'on', 'events']);

/** Wraps every operation that the installed kafkajs has: older releases lack about half of them. */
export function instrumentAdmin(telemetry: Telemetry, admin: Methods, client: ClientFacts): void {
  const { metrics, settings } = telemetry;
  if (metrics && settings.requestMetrics) followRequests(telemetry, admin, metrics);
  for (const method of Object.keys(admin)) {
    if (NO_OPERATION.has(method) || !isMethod(admin[method])) continue;
    wrapMethod(admin, method, original => {
      return function (this: unknown, ...args: unknown[]): unknown {
        if (!telemetry.enabled || isSuppressed()) return original.apply(this, args);
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

/** The topic and the group of a call, where it is about one: methods take a topic, lists, or an object with either. */
function subjectOf(method: string, argument: unknown): Pick<AdminCall, 'topic' | 'group'> {
  if (typeof argument === 'string') return { topic: argument, group: undefined };
  if (BY_GROUPS.has(method)) return { topic: undefined, group: text(only(argument)) };
  if (typeof argument !== 'object' || argument === null) return { topic: undefined, group: undefined };
  const { topic, topics, topicPartitions, groupId } = argument as Readonly<Record<string, unknown>>;
  const listed = only(topics) ?? only(topicPartitions);
  const inList =
    typeof listed === 'object' && listed !== null ? (listed as { topic?: unknown }).topic : listed;
  return { topic: text(topic) ?? text(inList), group: text(groupId) };
}

function only(list: unknown): unknown {
  return Array.isArray(list) && list.length === 1 ? (list as readonly unknown[])[0] : undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
