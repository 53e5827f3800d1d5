import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Controls } from './controls';
import { runCommand, InvalidCommand } from './serving/commands';
import { Feed, type State } from './serving/feed';
import { sendFile } from './serving/files';
import { isSameOrigin } from './serving/same-origin';
import { toJson, traceViewOf } from './serving/trace-view';
import type { Viewer } from './viewer';
import { close, listen } from './viewer/listening';

/** The web page that shows the traces and metrics. */
export interface Page {
  readonly url: string;
  /** Enables the buttons of the page. Call it when the services run. */
  ready(controls: Controls): void;
  /** Shows the reason on all open pages, then closes the server. */
  end(reason: string): Promise<void>;
}

/**
 * Starts the web server of the page. Only programs on this machine can connect.
 *
 * @param port - 0 uses any free port
 * @throws Error that names the command line options if the port is in use
 */
export async function servePage(viewer: Viewer, port: number): Promise<Page> {
  let controls: Controls | undefined;
  let ending: string | undefined;
  const state = (): State => ({
    phase: ending !== undefined ? 'ended' : controls ? 'running' : 'starting',
    ...(ending === undefined ? {} : { reason: ending }),
    speed: controls?.speed ?? 'full',
  });
  const feed = new Feed(viewer, state);

  async function command(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!controls) {
      answer(response, 503, { error: 'The services are still starting. Try again in a few seconds.' });
      return;
    }
    const result = await runCommand(path, JSON.parse(await text(request)), controls);
    feed.flush();
    answer(response, 200, result);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', url);
    const trace = /^\/traces\/([\w-]+)$/.exec(pathname)?.[1];
    if (!isSameOrigin(request.headers, new URL(url).port))
      answer(response, 403, { error: 'Requests from other websites are not allowed.' });
    else if (request.method === 'POST' && (pathname === '/orders' || pathname === '/speed'))
      await command(pathname, request, response);
    else if (request.method !== 'GET') answer(response, 405, { error: 'Method not allowed; use GET.' });
    else if (pathname === '/events') feed.open(response);
    else if (trace !== undefined) {
      const spans = viewer.traces.of(trace);
      if (spans) answer(response, 200, traceViewOf(trace, spans, viewer.spans));
      else
        answer(response, 404, {
          error: 'This trace is no longer stored. The demo stores only the latest traces.',
        });
    } else if (!(await sendFile(pathname, response))) answer(response, 404, { error: 'Not found.' });
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
    ready(given) {
      controls = given;
      feed.flush();
    },
    async end(reason) {
      controls?.stop();
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
