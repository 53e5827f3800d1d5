// `npm run demo` starts three services without tracing code, places orders, and prints traces across HTTP, Kafka and
// SQL.
import { HELP, readArguments, type RunOptions } from './arguments';
import { Cleanup } from './cleanup';
import { DemoPanel } from './commands';
import { controlsOf } from './controls';
import { follow, type Show } from './follow';
import { curlLine, DEMO_STEPS } from './orders';
import { runStep } from './steps';
import { servePage, type Page } from '../viewer/src/serving';
import { startSystem } from './system';
import { drawTrace, lookOn } from '../viewer/src/tree';
import { Store } from '../viewer/src/store';

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

// Hide Node.js warnings, which would appear between the traces. Node.js 24 warns about negative timeouts in kafkajs.
process.removeAllListeners('warning');

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const progress = (line: string): boolean => process.stderr.write(`${line}\n`);

/** Resolves at the first signal, so that the demo can stop in order. A second signal ends the process immediately. */
const interrupted = new Promise<number>(resolve => {
  for (const [signal, status] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      for (const other of Object.keys(SIGNALS)) process.once(other, () => process.exit(status));
      resolve(status);
    });
  }
  // The program that reads the output has ended, for example `head`. Stop the demo.
  process.stdout.on('error', () => {
    resolve(1);
  });
  // If the terminal closes, continue without progress messages, so that the demo can stop in order.
  process.stderr.on('error', () => undefined);
});

async function run(options: RunOptions, cleanup: Cleanup): Promise<void> {
  const store = new Store();
  const panel = new DemoPanel();
  // Open the port of the page first, so that a port that is in use is reported before Kafka starts.
  const page = await servePage(store, options.port, panel);
  cleanup.add(async () => {
    panel.controls?.stop();
    await page.end('It was stopped.');
  });
  try {
    await present(store, { page, panel }, options, cleanup);
  } catch (error) {
    await page.end(reasonOf(error));
    throw error;
  }
}

async function present(
  store: Store,
  { page, panel }: { readonly page: Page; readonly panel: DemoPanel },
  { client, keep, withinMs }: RunOptions,
  cleanup: Cleanup,
): Promise<void> {
  const started = performance.now();
  const system = await startSystem(store, page.url, client, progress, cleanup);
  const show = showOn(store);
  const play = async (): Promise<void> => {
    for (const [position, step] of DEMO_STEPS.entries()) {
      await runStep(step, system, show, withinMs);
      if (position === 0)
        progress(`First trace after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
  };
  await Promise.race([play(), system.failure]);
  if (!keep) {
    print(
      '\nThe three services contain no OpenTelemetry code: see demo/services. To place orders yourself and see their traces live:',
    );
    print('  npm run demo -- --keep');
    return;
  }
  panel.controls = controlsOf(system);
  page.ready();
  follow(store, system.names, show, withinMs);
  print(`\nTraces, lag and throughput, live:\n  ${page.url}`);
  print(
    `\nPlace orders on the page, or with this command ("card":"declined" makes an order fail). Ctrl-C stops the demo.`,
  );
  print(`  ${curlLine(system.ordersUrl)}`);
  await system.failure;
}

function showOn({ traces }: Store): Show {
  const look = lookOn(process.stdout);
  return (title, traceIds) => {
    const shown = [...traceIds].flatMap(id => traces.of(id) ?? []).sort((a, b) => Number(a.start - b.start));
    const trees = [...new Set(shown.map(({ traceId }) => traceId))].map(id =>
      drawTrace(
        shown.filter(({ traceId }) => traceId === id),
        { ...look, index: traces },
      ),
    );
    print(`\n${[title, ...trees].join('\n\n')}`);
  };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function main(): Promise<number> {
  const parsed = readArguments(process.argv.slice(2));
  if (parsed.does === 'help') {
    print(HELP.trimEnd());
    return 0;
  }
  if (parsed.does === 'refuse') {
    progress(`${parsed.reason}. Run \`npm run demo -- --help\` for all options.`);
    return 2;
  }
  const cleanup = new Cleanup();
  try {
    const finished = run(parsed, cleanup).then(() => 0);
    const status = await Promise.race([finished, interrupted]);
    // With --keep, Ctrl-C is the normal way to stop the demo, so the exit status is 0.
    return parsed.keep && status === SIGNALS.SIGINT ? 0 : status;
  } catch (error) {
    progress(`\nThe demo failed: ${reasonOf(error)}`);
    return 1;
  } finally {
    progress('Stopping …');
    await cleanup.run();
  }
}

// Exit explicitly, because some services may still be starting.
void main().then(status => process.exit(status));
