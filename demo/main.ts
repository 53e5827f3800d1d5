// `npm run demo`: one order's way through HTTP, Kafka and SQL, as the traces of three services that know nothing of tracing.
import { HELP, readArguments } from './arguments';
import { Closing } from './closing';
import { controlsOf } from './controls';
import { follow, type Show } from './follow';
import { curlLine, SCENES } from './orders';
import { playScene } from './scenes';
import { servePage, type Page } from './serving';
import { startSystem } from './system';
import { drawTrace } from './tree';
import { wantsColour } from './tree/paint';
import { startViewer, type Viewer } from './viewer';

const WIDEST = 120;
const NARROWEST = 60;
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

// kafkajs sets timers of negative length, which Node.js 24 mentions in the midst of the traces.
process.removeAllListeners('warning');

const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const progress = (line: string): boolean => process.stderr.write(`${line}\n`);

/** The first signal ends the demo in good order, the second one at once. */
const interrupted = new Promise<number>(resolve => {
  for (const [signal, status] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      for (const other of Object.keys(SIGNALS)) process.once(other, () => process.exit(status));
      resolve(status);
    });
  }
  // The reader of our output has gone, as `head` does.
  process.stdout.on('error', () => {
    resolve(1);
  });
  // With the terminal gone nobody is told of the progress; the end in good order goes on.
  process.stderr.on('error', () => undefined);
});

interface Wish {
  readonly keep: boolean;
  readonly port: number;
  readonly withinMs: number;
}

async function run(wish: Wish, closing: Closing): Promise<void> {
  const viewer = await startViewer();
  closing.add(() => viewer.stop());
  if (!wish.keep) {
    await present(viewer, undefined, wish, closing);
    return;
  }
  // First of all: a port that is taken is said before anything else is waited for.
  const page = await servePage(viewer, wish.port);
  closing.add(() => page.end('It was stopped.'));
  try {
    await present(viewer, page, wish, closing);
  } catch (error) {
    await page.end(reasonOf(error));
    throw error;
  }
}

async function present(
  viewer: Viewer,
  page: Page | undefined,
  { withinMs }: Wish,
  closing: Closing,
): Promise<void> {
  const began = performance.now();
  const system = await startSystem(viewer, progress, closing);
  const show = showOn(system.viewer);
  const play = async (): Promise<void> => {
    for (const [position, scene] of SCENES.entries()) {
      await playScene(scene, system, show, withinMs);
      if (position === 0) progress(`First trace after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
  };
  await Promise.race([play(), system.failure]);
  if (!page) {
    say(
      '\nThree services, no line of OpenTelemetry in them: see demo/services. To place orders yourself, and see them live:',
    );
    say('  npm run demo -- --keep');
    return;
  }
  page.ready(controlsOf(system));
  follow(system.viewer, system.names, show, withinMs);
  say(`\nTraces, lag and throughput, live:\n  ${page.url}`);
  say(`\nPlace orders there or here, also with "card":"declined"; Ctrl-C ends the demo:`);
  say(`  ${curlLine(system.ordersUrl)}`);
  await system.failure;
}

function showOn(viewer: Viewer): Show {
  const width = Math.min(WIDEST, Math.max(NARROWEST, process.stdout.isTTY ? process.stdout.columns : 100));
  const colours = wantsColour(process.env, process.stdout);
  return (title, traceIds) => {
    const known = viewer.spans;
    const shown = known
      .filter(({ traceId }) => traceIds.has(traceId))
      .sort((a, b) => Number(a.start - b.start));
    const trees = [...new Set(shown.map(({ traceId }) => traceId))].map(id =>
      drawTrace(
        shown.filter(({ traceId }) => traceId === id),
        { width, colours, known },
      ),
    );
    say(`\n${[title, ...trees].join('\n\n')}`);
  };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function main(): Promise<number> {
  const wish = readArguments(process.argv.slice(2));
  if (wish.does === 'help') {
    say(HELP.trimEnd());
    return 0;
  }
  if (wish.does === 'refuse') {
    progress(`${wish.reason}; --help tells more.`);
    return 2;
  }
  const closing = new Closing();
  try {
    const finished = run(wish, closing).then(() => 0);
    const status = await Promise.race([finished, interrupted]);
    // With --keep an interruption is how it ends.
    return wish.keep && status === SIGNALS.SIGINT ? 0 : status;
  } catch (error) {
    progress(`\nThe demo failed: ${reasonOf(error)}`);
    return 1;
  } finally {
    progress('Stopping …');
    await closing.run();
  }
}

// What was still starting when the end came must not hold the process.
void main().then(status => process.exit(status));
