import type { ClientInfo, ErrorReader, MessageReader } from '../../core/port';
import { headerRecord, isObject } from '../../support/copies';
import { isMethod, type Methods } from '../../support/wrap';
import { recordReader } from '../shared/messages';

/** A client of the promise API wraps a client of the binding to librdkafka. Returns that inner client, which `connect()` creates. */
export function internalClient(client: Methods | undefined): Methods | undefined {
  const get = client?.['_getInternalClient'];
  const internal = isMethod(get) ? get.call(client) : undefined;
  return isObject(internal) ? internal : undefined;
}

/**
 * What is known of a client. The cluster id and the leaders of partitions are unknown, because librdkafka does not expose
 * them.
 *
 * @param client - weak, because the metrics may keep the returned object after the program has dropped the client
 * @param given - the config that the client was created with. It is read until the client has a config of its own
 */
export function clientInfo(client: WeakRef<Methods>, given: unknown, errors: ErrorReader): ClientInfo {
  const early = namesIn(given);
  let final: Names | undefined;
  const names = () => {
    const config = final ?? internalClient(client.deref())?.['globalConfig'];
    // Keeps the names and not the config: callbacks in the config would keep the client in memory.
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
  // Unlike kafkajs, the library also sends `headers` that a message inherits.
  headers(message) {
    const headers = isObject(message) ? message['headers'] : undefined;
    return Array.isArray(headers) ? undefined : headerRecord(headers);
  },
  partition(message) {
    const partition = recordReader.partition(message);
    // The library writes -1 into a message without a partition.
    return partition !== undefined && partition >= 0 ? partition : undefined;
  },
};
