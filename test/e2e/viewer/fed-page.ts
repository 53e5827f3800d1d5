import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sendFile } from '../../../viewer/src/serving/files';
import { projectRoot } from '../../support/program';
import type { Summary, TraceList, Update } from '../../../viewer/src/page-data';

/** The page of the viewer with data from the test. Used for states that are rare or need many programs. */
export interface FedPage {
  readonly url: string;
  /** The queries for traces that the page has sent. */
  readonly queries: URLSearchParams[];
  /** Changes the data, and sends it to all open pages. */
  send(change: Partial<Update>): void;
  /** Sets the traces of the list. Every query returns all of them. */
  list(traces: readonly Summary[], roots?: TraceList['roots'], matches?: number): void;
  /** Sets the function that handles requests of the panel. The page shows the panel if `panel` is true in its state. */
  command(run: (path: string, body: unknown) => Promise<object>): void;
  /** Sets the answer to a request for one trace. */
  trace(id: string, view: object): void;
  close(): Promise<void>;
}

const NOTHING: Update = {
  snapshot: false,
  state: { phase: 'running', panel: false },
  stored: { traces: 0, spans: 0, spanLimit: 100_000, removedTraces: 0 },
  changed: [],
  frames: [],
  map: { nodes: [], edges: [] },
  groups: [],
  errors: [],
  lastSeen: {},
};

/** @param port - 0 uses any free port */
export async function serveFedPage(port = 0): Promise<FedPage> {
  const pages = new Set<ServerResponse>();
  const queries: URLSearchParams[] = [];
  const views = new Map<string, object>();
  let update = NOTHING;
  let run = (path: string, body: unknown): Promise<object> =>
    Promise.reject(new Error(`no command ${path} ${String(body)}`));
  let list: TraceList = { matches: 0, traces: [], roots: [] };

  const push = (page: ServerResponse, snapshot: boolean) =>
    page.write(`data: ${JSON.stringify({ ...update, snapshot })}\n\n`);
  const answer = (response: ServerResponse, status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const id = /^\/traces\/(.+)$/.exec(pathname)?.[1];
    if (pathname === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      push(response, true);
      pages.add(response);
      response.once('close', () => pages.delete(response));
    } else if (request.method === 'POST') {
      text(request)
        .then(body => run(pathname, JSON.parse(body)))
        .then(
          result => answer(response, 200, result),
          (error: unknown) => answer(response, 502, { error: String(error) }),
        );
    } else if (/^\/panel\.(js|css)$/.test(pathname)) {
      const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/css';
      response
        .writeHead(200, { 'content-type': type })
        .end(readFileSync(join(projectRoot, 'demo', pathname)));
    } else if (pathname === '/traces') {
      queries.push(searchParams);
      answer(response, 200, list);
    } else if (id !== undefined) {
      const view = views.get(decodeURIComponent(id));
      answer(response, view ? 200 : 404, view ?? { error: 'This trace is no longer stored.' });
    } else {
      void sendFile(pathname, response).then(isSent => {
        if (!isSent) answer(response, 404, { error: 'Not found.' });
      });
    }
  });
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    queries,
    send(change) {
      update = { ...update, ...change };
      for (const page of pages) push(page, false);
    },
    list(traces, roots = [], matches = traces.length) {
      list = { matches, traces, roots };
    },
    command(given) {
      run = given;
    },
    trace: (id, view) => void views.set(id, view),
    close: () =>
      new Promise(resolve => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
