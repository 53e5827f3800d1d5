import { confluentEnvironment, confluentLab, LAB_DEADLINE_MS } from '../../support/confluent';
import { findConfluent } from '../../support/confluent/find';

/** A client library that the programs of `fixtures/flow` can use, and where its spans differ. */
export interface Client {
  readonly name: 'kafkajs' | 'confluent';
  /** Whether spans have the id of the cluster and the address of the leader. librdkafka does not say either. */
  readonly knowsCluster: boolean;
  /** Environment variables of a program. */
  env(): Promise<Readonly<Record<string, string>>>;
}

export const KAFKAJS: Client = {
  name: 'kafkajs',
  knowsCluster: true,
  env: () => Promise.resolve({}),
};

export const CONFLUENT: Client = {
  name: 'confluent',
  knowsCluster: false,
  env: async () => ({ ...confluentEnvironment(await confluentLab()), KAFKA_CLIENT: 'confluent' }),
};

/** Defines tests for each client. Without Confluent's where it can be neither downloaded nor built, but never on CI. */
export function forEachClient(tests: (client: Client) => void): void {
  describe.each([KAFKAJS, ...(hasConfluent() ? [CONFLUENT] : [])])('$name', client => {
    // Installs the client on its first use.
    beforeAll(async () => {
      await client.env();
    }, LAB_DEADLINE_MS);
    tests(client);
  });
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
