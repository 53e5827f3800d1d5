import { setImmediate as turn } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { answerTo, type RequestContext } from './answers';

/** How an imitated connection answers a request: as Kafka would, with an error code, or with a connection error. */
export type Reply = 'answer' | { readonly code: number } | { readonly connection: string };

/** A request with the bytes that kafkajs would send. */
export interface Request {
  readonly api: string;
  readonly bytes: Buffer;
}

export interface Capture extends Omit<RequestContext, 'bytes'> {
  /** The next answers, by kind of request. When the list is empty, requests are answered as Kafka would. */
  readonly replies: Readonly<Partial<Record<string, Reply[]>>>;
  readonly seen: (request: Request) => void;
}

/** A symbol of kafkajs. A `Kafka` object has the function that creates its cluster object under this symbol. */
const CREATE_CLUSTER = 'private:Kafka:createCluster';

interface ClusterParts {
  brokerPool: { connectionPoolBuilder: unknown };
}
type CreateCluster = (options: unknown) => ClusterParts;

/**
 * Replaces the network connections of a `Kafka` object. The cluster, the brokers and the encoders of kafkajs stay. The imitated
 * connections record requests and answer them without a network.
 */
export function capture(kafka: Kafka, to: Capture): void {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === CREATE_CLUSTER,
  );
  if (!symbol) throw new Error(`This kafkajs version has no symbol ${CREATE_CLUSTER}: adapt capture() to it`);
  const inner = kafka as unknown as Record<symbol, CreateCluster>;
  const create = inner[symbol] as CreateCluster;
  inner[symbol] = options => {
    const cluster = create.call(kafka, options);
    cluster.brokerPool.connectionPoolBuilder = { build: () => Promise.resolve(new CapturedConnections(to)) };
    return cluster;
  };
}

interface ProtocolRequest {
  readonly request: {
    readonly apiName: string;
    encode(): Promise<{ readonly buffer: Buffer }>;
    expectResponse?(): boolean;
  };
}

/** Replaces `ConnectionPool` of kafkajs. */
class CapturedConnections {
  readonly host = 'captured';
  readonly port = 9092;
  readonly rack = null;
  readonly connectionTimeout = 1000;
  readonly pool = [{ clientId: 'program' }];
  readonly #to: Capture;
  #isConnected = false;

  constructor(to: Capture) {
    this.#to = to;
  }

  isConnected(): boolean {
    return this.#isConnected;
  }

  getConnection(): Promise<object> {
    this.#isConnected = true;
    return Promise.resolve({
      getSupportAuthenticationProtocol: () => true,
      authenticate: () => Promise.resolve(),
    });
  }

  setVersions(): void {
    // kafkajs uses this only if it authenticates.
  }

  setSupportAuthenticationProtocol(): void {
    // kafkajs uses this only if it authenticates.
  }

  destroy(): Promise<void> {
    this.#isConnected = false;
    return Promise.resolve();
  }

  async send({ request }: ProtocolRequest): Promise<unknown> {
    const api = request.apiName;
    const { buffer: bytes } = await request.encode();
    this.#to.seen({ api, bytes });
    // Answer in a later task. Otherwise the fetch loop would block the event loop.
    if (api === 'Fetch') await turn();
    const reply = this.#to.replies[api]?.shift() ?? 'answer';
    if (reply === 'answer')
      return request.expectResponse?.() === false ? undefined : answerTo(api, { ...this.#to, bytes });
    if ('code' in reply) throw this.#to.copy.internals.createErrorFromCode(reply.code);
    const { KafkaJSConnectionError } = this.#to.copy.kafkajs as unknown as {
      KafkaJSConnectionError: new (message: string, options: object) => Error;
    };
    throw new KafkaJSConnectionError(reply.connection, { broker: 'captured:9092', code: 'ECONNREFUSED' });
  }
}
