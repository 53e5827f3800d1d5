import type { ClientInfo, ErrorReader, MessageReader } from '../../core/port';
import { headerRecord, isObject } from '../../support/copies';
import { isMethod, type Methods } from '../../support/wrap';
import { recordReader } from '../shared/messages';

/**
 * Returns the inner client of librdkafka's binding that a client of the promise API uses. `undefined` before `connect()`,
 * which creates it.
 */
export function internalClient(client: Methods | undefined): Methods | undefined {
  const get = client?.['_getInternalClient'];
  const internal = isMethod(get) ? get.call(client) : undefined;
  return isObject(internal) ? internal : undefined;
}

/**
 * Reads the known facts about a client. librdkafka does not expose the cluster id and the partition leaders, so these stay
 * unknown.
 *
 * @param client - a weak reference, because the metrics may keep the result longer than the program keeps the client
 * @param given - the config that the program passed. It is used until the connected client has its final config
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

/** The group of a connected consumer. */
export function groupOf(consumer: Methods): string | undefined {
  return namesIn(internalClient(consumer)?.['globalConfig']).group;
}

interface Names {
  readonly clientId: string | undefined;
  readonly group: string | undefined;
}

/** Reads librdkafka's own options, and the kafkajs-compatible options under `kafkaJS`. */
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

/** Reads messages of the promise API. */
export const confluentMessages: MessageReader = {
  ...recordReader,
  // Inherited `headers` count too: unlike kafkajs, this library sends them.
  headers(message) {
    const headers = isObject(message) ? message['headers'] : undefined;
    return Array.isArray(headers) ? undefined : headerRecord(headers);
  },
  partition(message) {
    const partition = recordReader.partition(message);
    // -1 means that the program chose no partition: the library writes this value into the message.
    return partition !== undefined && partition >= 0 ? partition : undefined;
  },
};
