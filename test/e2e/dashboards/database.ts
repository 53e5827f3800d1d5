// Runs the PostgreSQL of the demo in its own process, because jest's module system cannot load PGlite.
import { startDatabase } from '../../../demo/database';

void startDatabase().then(({ env }) => {
  process.stdout.write(`database ${JSON.stringify(env)}\n`);
});
