import type { Methods } from '../../../../src/support/wrap';

export const CODES = {
  ERR__STATE: -172,
  ERR__QUEUE_FULL: -184,
  ERR__MSG_TIMED_OUT: -192,
  ERR_UNKNOWN: -1,
  ERR_OFFSET_OUT_OF_RANGE: 1,
  ERR_UNKNOWN_TOPIC_OR_PART: 3,
  ERR_MSG_SIZE_TOO_LARGE: 10,
  ERR_COORDINATOR_LOAD_IN_PROGRESS: 14,
  ERR_GROUP_LOAD_IN_PROGRESS: 14,
};

/** Value and headers of a message that a producer passed to librdkafka. */
export type Produced = readonly [value: string, headers: unknown];

/**
 * Imitates the parts of Confluent's client that the instrumentation needs, without librdkafka. `send` writes into the
 * messages and calls `produce` once per message before it returns. `sendBatch` calls `send`. The e2e tests use the real
 * client.
 */
export class Producer {
  readonly produced: Produced[] = [];
  /** Maximum size of a message's value and headers, in bytes. */
  limit = Infinity;
  /** True if the broker never answers. */
  isHanging = false;
  /** `disconnect` waits for this promise. */
  flushed: Promise<void> = Promise.resolve();
  #isDisconnecting = false;
  readonly #internal = {
    isConnected: () => true,
    globalConfig: { 'client.id': 'shop', 'group.id': undefined },
    produce: (...args: unknown[]) => {
      const [, , value, , , , headers] = args;
      if (JSON.stringify([String(value), headers]).length > this.limit)
        throw Object.assign(new Error('Broker: Message size too large'), {
          code: 10,
          errno: 10,
          origin: 'local',
        });
      this.produced.push([String(value), headers]);
    },
  };

  _getInternalClient() {
    return this.#internal;
  }

  async send({ topic, messages }: { topic: string; messages: Methods[] }) {
    for (const message of messages) {
      const { headers } = message;
      message['headers'] = headers
        ? Object.entries(headers).map(([key, value]) => ({ [key]: value as unknown }))
        : null;
      this.#internal.produce(topic, -1, message['value'], undefined, 0, {}, message['headers']);
    }
    if (this.isHanging) return new Promise<never>(() => undefined);
    return Promise.resolve([{ topicName: topic, partition: 0, baseOffset: '7' }]);
  }

  async sendBatch({ topicMessages }: { topicMessages: { topic: string; messages: Methods[] }[] }) {
    return (await Promise.all(topicMessages.map(each => this.send(each)))).flat();
  }

  transaction() {
    return Promise.resolve(this);
  }
  /** A second call resolves at once, even if the first call is still pending. */
  async disconnect() {
    if (this.#isDisconnecting) return;
    this.#isDisconnecting = true;
    await this.flushed;
    this.#internal.isConnected = () => false;
  }
}

export class Kafka {
  producer() {
    return new Producer();
  }
  consumer() {
    return {};
  }
  admin() {
    return {};
  }
}

export const promiseApi = { Kafka, ErrorCodes: CODES };
