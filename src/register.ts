/**
 * The entry point that needs no code change: `node --require @org/kafka-otel/register app.js`, or `--import`. It exports
 * nothing; see docs/register.md. No OpenTelemetry package is loaded before it is certain that this process must be
 * instrumented.
 */
import { isMainThread, parentPort } from 'node:worker_threads';
import type * as Boot from './register/boot';
import { chooseMode, claimProcess, isPackageManager } from './register/mode';

// Node.js also runs preloaded modules in the thread of its ESM loader hooks. No program runs there.
const isLoaderThread = !isMainThread && parentPort === null;

if (!isLoaderThread && !isPackageManager(process.argv[1], process.env)) {
  const mode = chooseMode(process.env);
  try {
    if (mode !== 'off' && claimProcess()) {
      // Required inside `try`, so that a broken installation does not stop the program. The result is stored first: Rollup
      // marks `require()` as free of side effects, so a minifier would remove `require(…).boot(mode)` completely.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { boot } = require('./register/boot') as typeof Boot;
      boot(mode);
    }
  } catch (error) {
    const [reason = ''] = String(error).split('\n');
    process.stderr.write(
      `kafka-otel: not started, the program runs without telemetry: ${reason}. Find the cause with \`npx @org/kafka-otel doctor\`\n`,
    );
  }
}
