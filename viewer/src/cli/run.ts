import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { servePage, type Page } from '../serving';
import { Store } from '../store';
import { identity, type Identity } from '../identity';
import { lookOn } from '../tree';
import { printable } from '../tree/text';
import { DEFAULT_PORT, type ViewerOptions } from './arguments';
import { commandEnvironment } from './environment';
import { printTrees } from './trees';

/** After a shorter run on a terminal, the page stays open, because the user had too little time to read it. */
const SHORT_RUN_MS = 30_000;
/**
 * On a busy machine, a running viewer may need seconds to answer. A port without a server refuses the connection at
 * once.
 */
const VIEWER_ANSWERS_MS = 5_000;
/** After this time, say what the user waits for. */
const WAIT_NOTICED_MS = 300;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Write to stderr, so that the output of the command can be piped. */
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

interface Viewing {
  readonly url: string;
  /** False if another viewer, which was already running, serves the page. */
  readonly isOwn: boolean;
  end(reason: string): Promise<void>;
}

/** Shows the data that other programs export. Resolves with the exit status when the user stops the viewer. */
export async function attach(options: ViewerOptions): Promise<number> {
  const viewing = await startViewing(options);
  if (!viewing.isOwn) return 0;
  say(
    `To send data to the viewer, start programs with OTEL_EXPORTER_OTLP_ENDPOINT=${viewing.url}. Ctrl-C stops the viewer.`,
  );
  await stopSignal();
  await viewing.end('The viewer was stopped.');
  return 0;
}

export async function run(
  options: ViewerOptions & { readonly command: readonly [string, ...string[]] },
): Promise<number> {
  const viewing = await startViewing(options);
  const startedAt = performance.now();
  const { code, signal } = await runCommand(options.command, viewing.url);
  const ms = performance.now() - startedAt;
  const isStopped = signal !== null || wasStopped;
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  const stays = viewing.isOwn && (options.keep || (isTerminal && !isStopped && ms < SHORT_RUN_MS));
  if (stays) {
    say(
      `\nThe command has ended (${signal ?? `exit status ${String(code)}`}). The page stays at ${viewing.url}. Ctrl-C stops the viewer.`,
    );
    await stopSignal();
  }
  await viewing.end('The command has ended.');
  if (!stays && viewing.isOwn && !isStopped)
    say('\nThe page is closed. To keep it after the command has ended, use --keep.');
  if (signal === null) return code ?? 1;
  // End with the same signal as the command, so that the shell sees the signal.
  for (const name of SIGNALS) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}

async function startViewing(options: ViewerOptions): Promise<Viewing> {
  const port = options.port ?? DEFAULT_PORT;
  const url = `http://127.0.0.1:${port}`;
  const other = port === 0 ? undefined : await viewerAt(url);
  if (other) {
    say(`A viewer is running already: ${url}`);
    if (options.open) openBrowser(url);
    return { url, isOwn: false, end: () => Promise.resolve() };
  }
  const store = new Store({ spanLimit: options.spanLimit });
  store.onRefusal = text => {
    say(printable(text));
  };
  const page = await serve(store, options.port);
  page.ready();
  say(`Traces, metrics and logs, live: ${page.url}`);
  if (options.open) openBrowser(page.url);
  const trees = options.trees ? printTrees(store, say, lookOn(process.stderr)) : undefined;
  return {
    url: page.url,
    isOwn: true,
    async end(reason) {
      trees?.stop();
      await page.end(reason);
    },
  };
}

/**
 * Uses the default port, or a free port if another program uses the default port. If the user chose a port, uses only
 * that port.
 */
async function serve(store: Store, port: number | undefined): Promise<Page> {
  if (port !== undefined) return servePage(store, port);
  try {
    return await servePage(store, DEFAULT_PORT);
  } catch {
    say(
      `Port ${DEFAULT_PORT} is used by another program, perhaps a collector, so the viewer takes a free port.`,
    );
    return servePage(store, 0);
  }
}

/** Returns the name and version of the viewer at this address. Undefined if no viewer answers. */
async function viewerAt(url: string): Promise<Identity | undefined> {
  const notice = setTimeout(() => {
    say(
      `Another program uses port ${new URL(url).port}. Waiting up to ${VIEWER_ANSWERS_MS / 1000} s for its answer, in case it is a viewer …`,
    );
  }, WAIT_NOTICED_MS);
  try {
    const response = await fetch(`${url}/viewer.json`, { signal: AbortSignal.timeout(VIEWER_ANSWERS_MS) });
    const answer = (await response.json()) as Partial<Identity> | null;
    return answer?.name === identity().name ? (answer as Identity) : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(notice);
  }
}

/** The exit status is then that of a shell. */
export class CommandNotFound extends Error {
  constructor(program: string) {
    super(`the command ${program} was not found`);
  }
}

let wasStopped = false;

/** Runs the command with the input and output of this process, and passes signals to the command. */
function runCommand(
  command: readonly [string, ...string[]],
  viewerUrl: string,
): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(program, args, {
      stdio: 'inherit',
      env: commandEnvironment(command, viewerUrl, process.env, process.cwd()),
      // On Windows, npm and npx are scripts, which only a shell can start.
      shell: process.platform === 'win32',
    });
    for (const name of SIGNALS) {
      process.on(name, () => {
        wasStopped = true;
        // In a terminal, Ctrl-C reaches the command directly. Do not send the signal a second time, because many
        // programs then stop without cleaning up.
        if (name !== 'SIGINT' || !process.stdin.isTTY) child.kill(name);
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new CommandNotFound(program) : error);
    });
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

const stopSignal = (): Promise<void> =>
  new Promise(resolve => {
    for (const name of SIGNALS) {
      process.once(name, () => {
        resolve();
      });
    }
  });

function openBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer' };
  spawn(openers[process.platform] ?? 'xdg-open', [url], { stdio: 'ignore', detached: true })
    .once('error', () => {
      say(`No browser could be opened. Open ${url} yourself.`);
    })
    .unref();
}
