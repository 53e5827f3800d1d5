import {
  confluentEnvironment,
  confluentLab,
  CONFLUENT_VERSIONS,
  LAB_DEADLINE_MS,
} from '../../support/confluent';
import { findConfluent } from '../../support/confluent/find';
import { compareVersions } from '../../support/kafka/versions';

/** A client library for the programs of `fixtures/flow`, and how its spans differ. */
export interface Client {
  readonly name: 'kafkajs' | 'confluent';
  /** True if spans have the cluster id and the address of the leader. librdkafka reports neither of them. */
  readonly knowsCluster: boolean;
  /** True if a batch can contain all fetched messages. Confluent's client has an option for this since 1.7. */
  readonly hasLargeBatches: boolean;
  /** Node.js executable of the programs. Default: the executable that runs the tests. */
  readonly node?: string;
  /** Environment variables of the programs. */
  env(): Promise<Readonly<Record<string, string>>>;
}

export const KAFKAJS: Client = {
  name: 'kafkajs',
  knowsCluster: true,
  hasLargeBatches: true,
  env: () => Promise.resolve({}),
};

/**
 * `npm run compat` sets another version of Confluent's client and another Node.js for the programs. kafkajs is not
 * tested then.
 */
const { FLOW_CONFLUENT: chosen, FLOW_NODE: node } = process.env;
const version = chosen ?? CONFLUENT_VERSIONS.newest;
const programNode = node === undefined ? {} : { node };

export const CONFLUENT: Client = {
  name: 'confluent',
  knowsCluster: false,
  hasLargeBatches: compareVersions(version, '1.7.0') >= 0,
  ...programNode,
  env: async () => ({
    ...confluentEnvironment(await confluentLab({ version, ...programNode })),
    KAFKA_CLIENT: 'confluent',
  }),
};

/**
 * Defines tests for each client. Confluent's client is left out if it can be neither downloaded nor built. On CI, it is
 * never left out.
 */
export function forEachClient(tests: (client: Client) => void): void {
  describe.each(clients())('$name', client => {
    // Installs the client on its first use.
    beforeAll(async () => {
      await client.env();
    }, LAB_DEADLINE_MS);
    tests(client);
  });
}

function clients(): readonly Client[] {
  if (chosen !== undefined) return [CONFLUENT];
  return hasConfluent() ? [KAFKAJS, CONFLUENT] : [KAFKAJS];
}

function hasConfluent(): boolean {
  if (process.env['CI']) return true;
  try {
    findConfluent();
    return true;
  } catch {
    return false;
  }
}

/**
 * Defines tests of batches that contain all fetched messages. They are skipped if the client cannot deliver such
 * batches.
 */
export function describeLargeBatches({ hasLargeBatches }: Client, tests: () => void): void {
  (hasLargeBatches ? describe : describe.skip)('a batch of all fetched messages:', tests);
}
