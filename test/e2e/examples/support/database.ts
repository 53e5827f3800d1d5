import { join } from 'node:path';
import { Client } from 'pg';
import { projectRoot, startProgram } from '../../../support/program';

export interface ExampleDatabase {
  /** Programs read `DATABASE_URL`. */
  readonly url: string;
  query(text: string): Promise<readonly unknown[]>;
}

const TSX = join(projectRoot, 'node_modules', 'tsx', 'dist', 'cli.mjs');

/** Runs `work` with a PostgreSQL that has the tables of an example's `schema.sql`. */
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
    // tsx runs the server in a child process. SIGTERM ends both processes.
    server.kill('SIGTERM');
    await server.exit;
  }
}
