import { request } from 'node:http';
import { DemoPanel } from '../../../demo/commands';
import type { Controls } from '../../../demo/controls';
import { servePage, type Page } from '../../../viewer/src/serving';
import type { TraceList, Update } from '../../../viewer/src/page-data';
import type { TraceView } from '../../../viewer/src/serving/trace-view';
import { handFed, type HandFed } from './hand-fed';
import { declined, paidTogether, span } from './story';

let viewer: HandFed;
let page: Page;
const calls: unknown[] = [];

const controls: Controls = {
  speed: 'full',
  place(count, card) {
    calls.push([count, card]);
    return card === 'declined' ? Promise.reject(new Error('order-api is gone')) : Promise.resolve('one');
  },
  setSpeed(speed) {
    calls.push(speed);
    return Promise.resolve();
  },
  stop: () => undefined,
};

beforeEach(async () => {
  calls.length = 0;
  viewer = handFed();
  const panel = new DemoPanel();
  panel.controls = controls;
  page = await servePage(viewer, 0, panel);
});
afterEach(() => page.end('the test is over'));

const post = async (path: string, body: unknown) => {
  const response = await fetch(page.url + path, { method: 'POST', body: JSON.stringify(body) });
  return [response.status, await response.json()];
};

/** Returns the status of a request with headers that `fetch` does not allow to set. */
const statusWith = (
  headers: Record<string, string>,
  method = 'GET',
  path = '/',
): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(page.url + path, { method, headers }, response => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end(method === 'POST' ? '{"count":1,"card":"accepted"}' : undefined);
  });

test('the page, its modules and the chart library are served with a policy that forbids external resources', async () => {
  const types = { '/': 'text/html', '/main.js': 'text/javascript', '/vendor/uplot.css': 'text/css' };
  for (const [path, type] of Object.entries(types)) {
    const response = await fetch(page.url + path);
    expect([path, response.status, response.headers.get('content-type')]).toEqual([
      path,
      200,
      expect.stringContaining(type),
    ]);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  }
  const html = await (await fetch(page.url)).text();
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test('only the files of the page are served, also for paths with ..', async () => {
  for (const path of ['/screenshots.ts', '/..%2fmain.ts', '/%2e%2e/main.ts', '/toString', '/traces/none'])
    expect([path, (await fetch(page.url + path)).status]).toEqual([path, 404]);
});

test('requests from other websites are rejected', async () => {
  page.ready();
  const { host, port } = new URL(page.url);
  expect(await statusWith({ host: 'evil.example' })).toBe(403);
  expect(await statusWith({ host, origin: 'http://evil.example' }, 'POST', '/orders')).toBe(403);
  expect(await statusWith({ host, origin: 'null' }, 'POST', '/orders')).toBe(403);
  expect(calls).toEqual([]);
  expect(await statusWith({ host: `localhost:${port}` })).toBe(200);
  expect(await statusWith({ host, origin: page.url }, 'POST', '/orders')).toBe(200);
});

test('commands run once the services are ready, and invalid parameters are rejected', async () => {
  expect(await post('/orders', { count: 1, card: 'accepted' })).toEqual([
    503,
    { error: 'The services are still starting. Try again in a few seconds.' },
  ]);
  page.ready();
  expect(await post('/orders', { count: 1000, card: 'accepted' })).toEqual([200, { order: 'one' }]);
  expect(await post('/speed', { speed: 'slow' })).toEqual([200, {}]);
  expect(calls).toEqual([[1000, 'accepted'], 'slow']);
  for (const body of [{ count: 1001, card: 'accepted' }, { count: 1, card: 'gold' }, { count: 0.5 }, null, 7])
    expect(await post('/orders', body)).toMatchObject([400, {}]);
  expect(await post('/speed', { speed: 'warp' })).toEqual([400, { error: 'speed must be full or slow' }]);
  expect(await post('/orders', { count: 1, card: 'declined' })).toEqual([
    502,
    { error: 'order-api is gone' },
  ]);
});

test('the feed sends a snapshot, then the ids of changed traces', async () => {
  viewer.arrive(declined());
  const response = await fetch(`${page.url}/events`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<Update> => {
    for (;;) {
      const [, data, rest] = /data: (.*)\n\n([^]*)/.exec(text) ?? [];
      if (data !== undefined) {
        text = rest ?? '';
        return JSON.parse(data) as Update;
      }
      text += (await reader?.read())?.value ?? '';
    }
  };
  const first = await next();
  expect(first).toMatchObject({
    snapshot: true,
    state: { phase: 'starting', panel: true, panelState: { speed: 'full' } },
    stored: { traces: 1, spans: 5, spanLimit: 50_000, removedTraces: 0 },
    changed: 'many',
    errors: [{ service: 'payment-worker', count: 1, lastTrace: 'aaaaaaaa-1' }],
  });
  expect(Object.keys(first.lastSeen)).toEqual(['order-api', 'payment-worker']);
  viewer.arrive(declined('two', 'bbbbbbbb-2'));
  expect(await next()).toMatchObject({ snapshot: false, changed: ['bbbbbbbb-2'] });
  viewer.arrive(Array.from({ length: 501 }, (_, at) => declined(`o${at}`, `t-${at}`)).flat());
  expect(await next()).toMatchObject({ changed: 'many', stored: { traces: 503 } });
  page.ready();
  expect((await next()).state).toMatchObject({ phase: 'running', panelState: { speed: 'full' } });
  await reader?.cancel();
});

test('traces are found by text, service, topic, group, status, duration and root, all combined', async () => {
  viewer.arrive([...paidTogether(), ...declined('three', 'dddddddd-4')]);
  const find = async (query: string) => {
    const found = (await (await fetch(`${page.url}/traces?${query}`)).json()) as TraceList;
    expect(found.matches).toBe(found.traces.length);
    return found.traces.map(({ id }) => id.slice(0, 1)).sort();
  };
  expect(await find('')).toEqual(['a', 'b', 'c', 'd']);
  expect(await find('text=THREE')).toEqual(['d']);
  expect(await find('text=dddd')).toEqual(['d']);
  expect(await find('text=dead-letters')).toEqual(['d']);
  expect(await find('service=receipt-mailer')).toEqual(['c']);
  expect(await find('topic=receipts')).toEqual(['a', 'b', 'c']);
  expect(await find('status=error&service=payment-worker')).toEqual(['d']);
  expect(await find('minMs=100')).toEqual(['d']);
  expect(await find('root=POST%20%2Forders&minMs=100')).toEqual(['d']);
  expect(await find('text=nothing%20like%20this')).toEqual([]);
});

test('two services whose root spans have the same name are two groups, also with spans of both in each trace', async () => {
  const call = (trace: string, from: string, to: string) => [
    span({ id: `${trace}-1`, trace, name: 'poll', service: from, kind: 'CLIENT', ms: [0, 2] }),
    span({
      id: `${trace}-2`,
      trace,
      parent: `${trace}-1`,
      name: 'answer',
      service: to,
      kind: 'SERVER',
      ms: [0, 1],
    }),
  ];
  viewer.arrive([...call('a', 'shop', 'stock'), ...call('b', 'stock', 'shop')]);
  const find = async (query: string) =>
    (await (await fetch(`${page.url}/traces?${query}`)).json()) as TraceList;
  const { roots } = await find('');
  expect(roots.map(({ name, service, count }) => [name, service, count]).sort()).toEqual([
    ['poll', 'shop', 1],
    ['poll', 'stock', 1],
  ]);
  const { traces } = await find('root=poll&rootService=stock&service=shop');
  expect(traces.map(({ id }) => id)).toEqual(['b']);
});

test('a list of traces has the links in both directions, and counts traces by root', async () => {
  viewer.arrive(paidTogether());
  const list = (await (await fetch(`${page.url}/traces?limit=2`)).json()) as TraceList;
  expect(list).toMatchObject({ matches: 3, traces: [{}, {}] });
  expect(list.roots.map(({ name, service, count }) => [name, service, count])).toEqual([
    ['POST /orders', 'order-api', 2],
    ['process receipts', 'receipt-mailer', 1],
  ]);
  const all = (await (await fetch(`${page.url}/traces`)).json()) as TraceList;
  const byId = (id: string) => all.traces.find(trace => trace.id === id);
  expect(byId('cccccccc-3')).toMatchObject({ linked: ['aaaaaaaa-1', 'bbbbbbbb-2'], linkedFrom: [] });
  expect(byId('aaaaaaaa-1')).toMatchObject({ linked: [], linkedFrom: ['cccccccc-3'], keys: ['one'] });
});

describe('many traces in a row with the same first span', () => {
  const trace = (id: string, start: number, name: string, failed = false) =>
    span({
      id: `${id}-1`,
      trace: id,
      name,
      service: 'mailer',
      kind: 'CONSUMER',
      ms: [start, start + 1],
      ...(failed ? { status: { code: 'ERROR', message: 'no' } as const } : {}),
    });
  const find = async (query: string) =>
    (await (await fetch(`${page.url}/traces?${query}`)).json()) as TraceList;
  beforeEach(() => {
    viewer.arrive([
      trace('order-1', 0, 'POST /orders'),
      ...Array.from({ length: 2_500 }, (_, at) =>
        trace(`batch-${at}`, 10 + at, 'process receipts', at === 7),
      ),
      trace('order-2', 9_000, 'POST /orders'),
    ]);
  });

  test('are listed up to three and counted, so that they do not hide the others; a failed one is always listed', async () => {
    const { matches, traces } = await find('');
    expect(matches).toBe(2_502);
    expect(traces.map(({ id, similar }) => [id, similar])).toEqual([
      ['order-2', 0],
      ['batch-2499', 0],
      ['batch-2498', 0],
      ['batch-2497', 0],
      ['batch-7', 2_496],
      ['order-1', 0],
    ]);
  });

  test('are all listed if the user asks for that first span', async () => {
    const { matches, traces } = await find('root=process%20receipts&limit=2400');
    expect([matches, traces.length]).toEqual([2_500, 2_400]);
    expect(traces.filter(({ similar }) => similar > 0)).toEqual([]);
  });
});

test('a viewer says that it is one', async () => {
  expect(await (await fetch(`${page.url}/viewer.json`)).json()).toEqual({
    name: '@org/kafka-otel-viewer',
    version: expect.stringMatching(/^\d/) as string,
  });
});

test('a trace includes the spans at both ends of its links', async () => {
  viewer.arrive(paidTogether());
  const traceView = async (id: string) =>
    (await (await fetch(`${page.url}/traces/${id}`)).json()) as TraceView;
  const batch = await traceView('cccccccc-3');
  expect(batch.spans.map(({ links }) => links)).toEqual([
    [
      { traceId: 'aaaaaaaa-1', spanId: 'one-receipt', name: 'send receipts', service: 'payment-worker' },
      { traceId: 'bbbbbbbb-2', spanId: 'two-receipt', name: 'send receipts', service: 'payment-worker' },
    ],
  ]);
  const order = await traceView('aaaaaaaa-1');
  expect(order.spans.map(({ name, parent, depth, start, ms }) => [name, parent, depth, start, ms])).toEqual([
    ['POST /orders', undefined, 0, 0, 20],
    ['send orders', 'one-http', 1, 5, 10],
    ['process orders', 'one-send', 0, 20, 30],
    ['pg.query:INSERT postgres', 'one-process', 1, 21, 9],
    ['send receipts', 'one-process', 1, 30, 18],
  ]);
  expect(order.spans.map(({ waitMs }) => waitMs)).toEqual([undefined, undefined, 5, undefined, undefined]);
  expect(order.spans.at(-1)?.linkedFrom).toMatchObject([{ traceId: 'cccccccc-3', spanId: 'both-batch' }]);
});

test('the error for a port in use says what to do', async () => {
  const { port } = new URL(page.url);
  await expect(servePage(viewer, Number(port))).rejects.toThrow(
    `port ${port} is in use; choose another one with --port, or omit --port to use a free one`,
  );
});
