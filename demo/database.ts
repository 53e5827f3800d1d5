import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** A PostgreSQL that speaks its real protocol on a TCP port. */
export interface Database {
  /** The variables that `pg`, `psql` and every libpq program read. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Docker's PostgreSQL makes its table of the same file. */
const SCHEMA = readFileSync(join(__dirname, 'payments.sql'), 'utf8');

export interface DatabaseOptions {
  /** SQL to begin with; default: the demo's table. */
  readonly schema?: string;
  /** How many clients may be connected at once; default 1. Their statements and transactions take turns. */
  readonly clients?: number;
}

/** Starts PostgreSQL inside this process, in memory, on a free port. About 2 s of CPU. */
export async function startDatabase({
  schema = SCHEMA,
  clients = 1,
}: DatabaseOptions = {}): Promise<Database> {
  const db = await PGlite.create();
  await db.exec(schema);
  const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: clients });
  await server.start();
  const [host = '', port = ''] = server.getServerConn().split(':');
  return {
    env: { PGHOST: host, PGPORT: port, PGUSER: 'postgres', PGDATABASE: 'postgres', PGSSLMODE: 'disable' },
    async stop() {
      await server.stop();
      await db.close();
    },
  };
}
