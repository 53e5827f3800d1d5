import type { ClientInfo, ErrorReader, MessageReader } from '../../core/port';
import { headerRecord, isObject } from '../../support/copies';
import { isMethod, type Methods } from '../../support/wrap';
import { recordReader } from '../shared/messages';

/** The client of librdkafka's binding below a client of the promise API. There from `connect()` on. */
export function internalClient(client: Methods | undefined): Methods | undefined {
  const get = client?.['_getInternalClient'];
  const internal = isMethod(get) ? get.call(client) : undefined;
  return isObject(internal) ? internal : undefined;
}

/**
 * What is known of a client. Its cluster and the leaders of partitions are not: librdkafka keeps them to itself.
 *
 * @param client - weak, since the metrics hold what is returned for longer than the program holds the client
 * @param given - the config that the client was made with, read until the client has one of its own
 */
export function clientInfo(client: WeakRef<Methods>, given: unknown, errors: ErrorReader): ClientInfo {
  const early = namesIn(given);
  let final: Names | undefined;
  const names = () => {
    const config = final ?? internalClient(client.deref())?.['globalConfig'];
    // Not the config itself: its callbacks hold the client.
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

/** The group of a consumer that is connected. */
export function groupOf(consumer: Methods): string | undefined {
  return namesIn(internalClient(consumer)?.['globalConfig']).group;
}

interface Names {
  readonly clientId: string | undefined;
  readonly group: string | undefined;
}

/** Both of librdkafka's own options and of the compatible ones below `kafkaJS`. */
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
  // The library lists the properties of whatever it gets, inherited headers too.
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
