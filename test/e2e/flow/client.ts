import {
  confluentEnvironment,
  confluentLab,
  CONFLUENT_VERSIONS,
  LAB_DEADLINE_MS,
} from '../../support/confluent';
import { findConfluent } from '../../support/confluent/find';
import { compareVersions } from '../../support/kafka/versions';

/** A client library that the programs of `fixtures/flow` can use, and where its spans differ. */
export interface Client {
  readonly name: 'kafkajs' | 'confluent';
  /** Whether spans have the id of the cluster and the address of the leader. librdkafka does not say either. */
  readonly knowsCluster: boolean;
  /** Whether a batch can hold all that was fetched. Confluent's client has an option for that since 1.7. */
  readonly hasLargeBatches: boolean;
  /** The Node.js executable of a program. Default: the one that runs the tests. */
  readonly node?: string;
  /** Environment variables of a program. */
  env(): Promise<Readonly<Record<string, string>>>;
}

export const KAFKAJS: Client = {
  name: 'kafkajs',
  knowsCluster: true,
  hasLargeBatches: true,
  env: () => Promise.resolve({}),
};

/** For `npm run compat`: another version of Confluent's client, and the Node.js for the programs. Then kafkajs is not tested. */
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

/** Defines tests for each client. Without Confluent's where it can be neither downloaded nor built, but never on CI. */
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

/** Defines tests of batches that hold all that was fetched. They are skipped if the client cannot deliver such batches. */
export function describeLargeBatches({ hasLargeBatches }: Client, tests: () => void): void {
  (hasLargeBatches ? describe : describe.skip)('a batch of all fetched messages:', tests);
}
