import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** A PostgreSQL with its real wire protocol on a TCP port. */
export interface Database {
  /** Connection variables for `pg`, `psql` and every libpq program. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Also used by docker-compose.yml. */
const SCHEMA = readFileSync(join(__dirname, 'payments.sql'), 'utf8');

export interface DatabaseOptions {
  /** SQL to run at the start. Default: the demo's table. */
  readonly schema?: string;
  /** Maximum number of concurrent clients. Default: 1. Their statements and transactions are serialized. */
  readonly clients?: number;
}

/** Starts an in-memory PostgreSQL inside this process, on a free port. Takes about 2 s of CPU. */
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
