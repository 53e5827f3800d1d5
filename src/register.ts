/**
 * The entry point that needs no code change: `node --require @org/kafka-otel/register app.js`, or `--import`. Loads
 * OpenTelemetry packages only if this process must be instrumented. See docs/register.md.
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
      // Inside `try`, so that a broken installation does not stop the program. A minifier would remove
      // `require(…).boot(mode)`, because Rollup marks `require()` as free of side effects. So the result is stored
      // first.
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
