import { setImmediate as turn } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { answerTo, type RequestContext } from './answers';

/** The answer of an imitated connection: the normal answer of Kafka, an error code, or a connection error. */
export type Reply = 'answer' | { readonly code: number } | { readonly connection: string };

/** A request with the bytes that kafkajs would send. */
export interface Request {
  readonly api: string;
  readonly bytes: Buffer;
}

export interface Capture extends Omit<RequestContext, 'bytes'> {
  /** The next answers, by kind of request. If none is left, a request gets the normal answer of Kafka. */
  readonly replies: Readonly<Partial<Record<string, Reply[]>>>;
  readonly seen: (request: Request) => void;
}

/**
 * The name of a symbol of kafkajs. A `Kafka` object has a method under this symbol, which creates its cluster object.
 */
const CREATE_CLUSTER = 'private:Kafka:createCluster';

interface ClusterParts {
  brokerPool: { connectionPoolBuilder: unknown };
}
type CreateCluster = (options: unknown) => ClusterParts;

/**
 * Replaces the network connections of a `Kafka` object, but not its cluster, brokers and encoders. The imitated
 * connections record requests and answer them.
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

/** Used in place of the class `ConnectionPool` of kafkajs. */
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
    // Answer in a later task. An immediate answer would let the fetch loop block the event loop.
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
