// The demo's PostgreSQL as a program of its own: jest's modules cannot load it.
import { startDatabase } from '../../../demo/database';

void startDatabase().then(({ env }) => {
  process.stdout.write(`database ${JSON.stringify(env)}\n`);
});
