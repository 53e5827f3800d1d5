import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { close, listen } from './listening';
import { isOtlpPath, OTLP_PATHS, receive } from './otlp/receiving';
import type { State } from './page-data';
import { Feed } from './serving/feed';
import { sendFile } from './serving/files';
import { findTraces } from './serving/query';
import { isSameOrigin } from './serving/same-origin';
import { toJson, traceViewOf } from './serving/trace-view';
import type { Store } from './store';
import { identity } from './identity';

/** A panel that the host of the viewer, such as the demo, adds to the page. */
export interface Panel {
  /** Path of an ES module, which the page imports as `/panel.js`. */
  readonly script: string;
  readonly style: string;
  /** Data for the panel, which is part of every update. */
  state(): unknown;
  /** Commands of the panel. A `POST /NAME` with a JSON body calls the function with this name. */
  readonly commands: Readonly<Record<string, (body: unknown) => Promise<object>>>;
}

/** Thrown by a command of the panel if its parameters are invalid. */
export class InvalidCommand extends Error {}

/** The server of the page, which also receives OTLP. */
export interface Page {
  /** Address of the page, and value for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Enables the commands of the panel. Call this when the programs run. */
  ready(): void;
  /** Shows the reason on all open pages, then closes the server. */
  end(reason: string): Promise<void>;
}

/**
 * Starts the web server of the page, which also receives OTLP over HTTP. Only programs on this machine can connect.
 *
 * @param port - 0 uses any free port
 * @throws Error that names the command line options if the port is in use
 */
export async function servePage(store: Store, port: number, panel?: Panel): Promise<Page> {
  let isReady = false;
  let ending: string | undefined;
  const state = (): State => ({
    phase: ending !== undefined ? 'ended' : isReady ? 'running' : 'starting',
    ...(ending === undefined ? {} : { reason: ending }),
    panel: panel !== undefined,
    ...(panel ? { panelState: panel.state() } : {}),
  });
  const feed = new Feed(store, state);
  const commandOf = (path: string) =>
    panel && Object.hasOwn(panel.commands, path.slice(1)) ? panel.commands[path.slice(1)] : undefined;
  const files: Readonly<Record<string, string>> = panel
    ? { '/panel.js': panel.script, '/panel.css': panel.style }
    : {};

  async function run(
    command: (body: unknown) => Promise<object>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (!isReady) {
      answer(response, 503, { error: 'The services are still starting. Try again in a few seconds.' });
      return;
    }
    const result = await command(JSON.parse(await text(request)));
    feed.flush();
    answer(response, 200, result);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const command = commandOf(pathname);
    const trace = /^\/traces\/([\w-]+)$/.exec(pathname)?.[1];
    if (!isSameOrigin(request.headers, new URL(url).port))
      answer(response, 403, { error: 'Requests from other websites are not allowed.' });
    else if (isOtlpPath(pathname)) await receive(pathname, request, response, store);
    else if (request.method === 'POST' && command) await run(command, request, response);
    else if (request.method === 'POST')
      answer(response, 404, { error: `Unknown path ${pathname}. OTLP over HTTP goes to ${OTLP_PATHS}.` });
    else if (request.method !== 'GET') answer(response, 405, { error: 'Method not allowed; use GET.' });
    else if (pathname === '/viewer.json') answer(response, 200, identity());
    else if (pathname === '/traces') answer(response, 200, findTraces(store.traces, searchParams));
    else if (pathname === '/events') feed.open(response);
    else if (trace !== undefined) {
      const { traces } = store;
      const spans = traces.of(trace);
      if (spans) answer(response, 200, traceViewOf(trace, spans, traces, traces.logsOf(trace)));
      else
        answer(response, 404, {
          error: 'This trace is no longer stored. The viewer stores only the latest traces.',
        });
    } else if (!(await sendFile(pathname, response, files))) answer(response, 404, { error: 'Not found.' });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const invalid = error instanceof InvalidCommand || error instanceof SyntaxError;
      answer(response, invalid ? 400 : 502, {
        error: error instanceof Error ? error.message : String(error),
      });
    });
  });
  const url = await listen(server, port).catch((error: unknown) => {
    void feed.close();
    throw portTaken(error, port);
  });

  return {
    url,
    ready() {
      isReady = true;
      feed.flush();
    },
    async end(reason) {
      ending ??= reason;
      feed.flush();
      await feed.close();
      await close(server);
    },
  };
}

function portTaken(error: unknown, port: number): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== 'EADDRINUSE')
    return error;
  return new Error(
    `port ${port} is in use; choose another one with --port, or omit --port to use a free one`,
    {
      cause: error,
    },
  );
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(toJson(body));
}
