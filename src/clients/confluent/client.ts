import type { ClientInfo, ErrorReader, MessageReader } from '../../core/port';
import { headerRecord, isObject } from '../../support/copies';
import { isMethod, type Methods } from '../../support/wrap';
import { recordReader } from '../shared/messages';

/**
 * Returns the librdkafka client inside a client of the promise API. Returns `undefined` before `connect()`, because
 * `connect()` creates the librdkafka client.
 */
export function internalClient(client: Methods | undefined): Methods | undefined {
  const get = client?.['_getInternalClient'];
  const internal = isMethod(get) ? get.call(client) : undefined;
  return isObject(internal) ? internal : undefined;
}

/**
 * Collects the known facts about a client. librdkafka exposes neither the cluster id nor the partition leaders.
 *
 * @param client - a weak reference, because the metrics may keep the result longer than the program keeps the client
 * @param given - the program's config. It is used until the connected client has its final config
 */
export function clientInfo(client: WeakRef<Methods>, given: unknown, errors: ErrorReader): ClientInfo {
  const early = namesIn(given);
  let final: Names | undefined;
  const names = () => {
    const config = final ?? internalClient(client.deref())?.['globalConfig'];
    // Store only the names. The config contains callbacks, which would keep the client in memory.
    if (isObject(config) && !final) final = namesIn(config);
    return final ?? early;
  };
  return {
    messages: confluentMessages,
    errors,
    get group() {
      return names().group;
    },
    clientId: () => names().clientId,
    clusterId: () => undefined,
    leader: () => undefined,
  };
}

export function groupOf(consumer: Methods): string | undefined {
  return namesIn(internalClient(consumer)?.['globalConfig']).group;
}

interface Names {
  readonly clientId: string | undefined;
  readonly group: string | undefined;
}

/** Reads librdkafka's options, such as `client.id`, or the kafkajs-compatible options under `kafkaJS`. */
function namesIn(config: unknown): Names {
  const own = isObject(config) ? config : {};
  const compatible = isObject(own['kafkaJS']) ? own['kafkaJS'] : {};
  return {
    clientId: nonEmpty(own['client.id'] ?? compatible['clientId']),
    group: nonEmpty(own['group.id'] ?? compatible['groupId']),
  };
}

const nonEmpty = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const confluentMessages: MessageReader = {
  ...recordReader,
  // Read inherited `headers` too, because this library sends them. kafkajs does not send them.
  headers(message) {
    const headers = isObject(message) ? message['headers'] : undefined;
    return Array.isArray(headers) ? undefined : headerRecord(headers);
  },
  partition(message) {
    const partition = recordReader.partition(message);
    // The library writes -1 into a message if the program chose no partition.
    return partition !== undefined && partition >= 0 ? partition : undefined;
  },
};
