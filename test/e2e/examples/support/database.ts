import { join } from 'node:path';
import { Client } from 'pg';
import { projectRoot, startProgram } from '../../../support/program';

export interface ExampleDatabase {
  /** `DATABASE_URL` for the programs. */
  readonly url: string;
  query(text: string): Promise<readonly unknown[]>;
}

const TSX = join(projectRoot, 'node_modules', 'tsx', 'dist', 'cli.mjs');

/** A PostgreSQL with the `schema.sql` of an example. */
export async function withDatabase(
  example: string,
  work: (database: ExampleDatabase) => Promise<void>,
): Promise<void> {
  const server = startProgram({
    file: TSX,
    args: [join(__dirname, 'postgres.ts'), join(projectRoot, 'examples', example, 'schema.sql')],
  });
  const [url = ''] = await server.line(/^postgresql:.*$/, 60_000);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work({
      url,
      query: async text => (await client.query<Record<string, unknown>>(text)).rows,
    });
  } finally {
    await client.end();
    // tsx runs the program in a child process, which ends with it.
    server.kill('SIGTERM');
    await server.exit;
  }
}
