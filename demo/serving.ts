import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Controls } from './controls';
import { carryOut, WrongCommand } from './serving/commands';
import { Feed, type State } from './serving/feed';
import { sendFile } from './serving/files';
import { isFromOwnPage } from './serving/own-page';
import { pictureOf, toJson } from './serving/picture';
import type { Viewer } from './viewer';
import { close, listen } from './viewer/listening';

/** The page that shows what the viewer has received. */
export interface Page {
  readonly url: string;
  /** The services are there: from now on the buttons work. */
  ready(controls: Controls): void;
  /** Tells the open pages why there will be no more news, and closes. */
  end(reason: string): Promise<void>;
}

/**
 * Serves the page on this machine only.
 *
 * @param port 0 takes a free one
 * @throws Error that says what to do when the port is taken
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
      answer(response, 503, { error: 'The services are still starting.' });
      return;
    }
    const done = await carryOut(path, JSON.parse(await text(request)), controls);
    feed.flush();
    answer(response, 200, done);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', url);
    const trace = /^\/traces\/([\w-]+)$/.exec(pathname)?.[1];
    if (!isFromOwnPage(request.headers, new URL(url).port))
      answer(response, 403, { error: 'Only for the page itself.' });
    else if (request.method === 'POST' && (pathname === '/orders' || pathname === '/speed'))
      await command(pathname, request, response);
    else if (request.method !== 'GET') answer(response, 405, { error: 'Only GET.' });
    else if (pathname === '/events') feed.open(response);
    else if (trace !== undefined) {
      const spans = viewer.traces.of(trace);
      if (spans) answer(response, 200, pictureOf(trace, spans, viewer.spans));
      else answer(response, 404, { error: 'This trace is no longer kept.' });
    } else if (!(await sendFile(pathname, response)))
      answer(response, 404, { error: 'There is no such page.' });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const wrong = error instanceof WrongCommand || error instanceof SyntaxError;
      answer(response, wrong ? 400 : 502, { error: error instanceof Error ? error.message : String(error) });
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
  return new Error(`port ${port} is taken: give the page another one with --port, or leave --port out`, {
    cause: error,
  });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(toJson(body));
}
