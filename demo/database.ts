import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { cacheFolder } from '../test/support/kafka/maven';

/** A PostgreSQL server that accepts TCP connections from any PostgreSQL client. */
export interface Database {
  /** Environment variables for `pg`, `psql` and other programs that use libpq. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** `docker-compose.yml` uses the same file. */
const SCHEMA = readFileSync(join(__dirname, 'payments.sql'), 'utf8');

export interface DatabaseOptions {
  /** SQL that runs at the start. Default: creates the table of the demo. */
  readonly schema?: string;
  /** Maximum number of clients at the same time. Default: 1. The server runs their transactions one after another. */
  readonly clients?: number;
}

/** Starts an in-memory PostgreSQL in this process, on a free port. */
export async function startDatabase({
  schema = SCHEMA,
  clients = 1,
}: DatabaseOptions = {}): Promise<Database> {
  const db = await emptyDatabase();
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

/**
 * Creating an empty database takes 3 s of CPU time, so a copy is stored in the cache folder of the user. Later starts
 * load this copy.
 */
async function emptyDatabase(): Promise<PGlite> {
  const entry = require.resolve('@electric-sql/pglite');
  const { version } = JSON.parse(readFileSync(join(entry, '../../package.json'), 'utf8')) as {
    readonly version: string;
  };
  const folder = cacheFolder(process.env);
  const file = join(folder, `pglite-${version}.tar`);
  if (existsSync(file)) return PGlite.create({ loadDataDir: new Blob([readFileSync(file)]) });
  const db = await PGlite.create();
  const dump = await db.dumpDataDir('none');
  const content = new Uint8Array(await dump.arrayBuffer());
  try {
    mkdirSync(folder, { recursive: true });
    // Rename the file when it is complete, because another process may create the same file.
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, content);
    renameSync(unfinished, file);
  } catch {
    // The cache folder is not writable. The next start is slow again.
  }
  return db;
}
