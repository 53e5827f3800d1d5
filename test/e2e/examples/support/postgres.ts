// Runs PostgreSQL in its own process, because jest's module system cannot load PGlite.
import { readFileSync } from 'node:fs';
import { startDatabase } from '../../../../demo/database';

async function main(): Promise<void> {
  const [, , schema = ''] = process.argv;
  const { env } = await startDatabase({ schema: readFileSync(schema, 'utf8'), clients: 8 });
  console.log(`postgresql://postgres@${env['PGHOST'] ?? ''}:${env['PGPORT'] ?? ''}/postgres?sslmode=disable`);
}

void main();
