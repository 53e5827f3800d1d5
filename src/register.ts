/**
 * The zero-code entry: `node --require @org/kafka-otel/register app.js`, or `--import`. Side effects only; docs/zero-code.md says which.
 *
 * Nothing of OpenTelemetry is loaded before it is certain that this process is to be instrumented.
 */
import { isMainThread, parentPort } from 'node:worker_threads';
import type * as Boot from './register/boot';
import { chooseMode, claimProcess } from './register/environment';
import { isPackageManager } from './register/package-manager';

// Node runs preloaded modules in the thread of its ESM loader hooks as well, where no program runs.
const inLoaderThread = !isMainThread && parentPort === null;

if (!inLoaderThread && !isPackageManager(process.argv[1], process.env)) {
  const mode = chooseMode(process.env);
  try {
    if (mode !== 'off' && claimProcess()) {
      // Loaded on demand, and guarded: a broken installation must cost the telemetry, never the program.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      (require('./register/boot') as typeof Boot).boot(mode);
    }
  } catch (error) {
    const [reason = ''] = String(error).split('\n');
    process.stderr.write(`kafka-otel: not started, the program runs without telemetry: ${reason}\n`);
  }
}
