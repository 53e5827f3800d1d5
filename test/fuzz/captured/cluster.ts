import { setImmediate as turn } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { answerTo, type Asked } from './answers';

/** What a captured connection does with one request: answer as Kafka would, or fail with this. */
export type Fate = 'answer' | { readonly code: number } | { readonly connection: string };

/** One request as it would be on the wire. */
export interface Request {
  readonly api: string;
  readonly bytes: Buffer;
}

export interface Capture extends Omit<Asked, 'bytes'> {
  /** How the requests of an API end, one after another; those beyond are answered. */
  readonly fates: Readonly<Partial<Record<string, Fate[]>>>;
  readonly seen: (request: Request) => void;
}

/** The symbol under which a `Kafka` instance keeps its cluster factory. */
const CREATE_CLUSTER = 'private:Kafka:createCluster';

interface ClusterParts {
  brokerPool: { connectionPoolBuilder: unknown };
}
type CreateCluster = (options: unknown) => ClusterParts;

/**
 * Makes every cluster of a `Kafka` instance talk to nobody: kafkajs's own cluster, broker and encoders stay, and the
 * connections below them keep what would have been written and answer what the program says.
 */
export function capture(kafka: Kafka, to: Capture): void {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === CREATE_CLUSTER,
  );
  if (!symbol) throw new Error('this kafkajs keeps its cluster elsewhere');
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

/** Stands where kafkajs's `ConnectionPool` does. */
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
    // Only an authenticating connection asks for them.
  }

  setSupportAuthenticationProtocol(): void {
    // As above.
  }

  destroy(): Promise<void> {
    this.#isConnected = false;
    return Promise.resolve();
  }

  async send({ request }: ProtocolRequest): Promise<unknown> {
    const api = request.apiName;
    const { buffer: bytes } = await request.encode();
    this.#to.seen({ api, bytes });
    // Without this a loop of requests would keep the event loop from everything else.
    if (api === 'Fetch') await turn();
    const fate = this.#to.fates[api]?.shift() ?? 'answer';
    if (fate === 'answer')
      return request.expectResponse?.() === false ? undefined : answerTo(api, { ...this.#to, bytes });
    if ('code' in fate) throw this.#to.copy.internals.createErrorFromCode(fate.code);
    const { KafkaJSConnectionError } = this.#to.copy.kafkajs as unknown as {
      KafkaJSConnectionError: new (message: string, options: object) => Error;
    };
    throw new KafkaJSConnectionError(fate.connection, { broker: 'captured:9092', code: 'ECONNREFUSED' });
  }
}
