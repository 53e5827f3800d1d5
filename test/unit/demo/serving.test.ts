import { request } from 'node:http';
import type { Controls } from '../../../demo/controls';
import { servePage, type Page } from '../../../demo/serving';
import type { News } from '../../../demo/serving/feed';
import type { Picture } from '../../../demo/serving/picture';
import { handFed, type HandFed } from './hand-fed';
import { declined, paidTogether } from './story';

let viewer: HandFed;
let page: Page;
const asked: unknown[] = [];

const controls: Controls = {
  speed: 'full',
  place(count, card) {
    asked.push([count, card]);
    return card === 'declined' ? Promise.reject(new Error('order-api is gone')) : Promise.resolve('one');
  },
  setSpeed(speed) {
    asked.push(speed);
    return Promise.resolve();
  },
  stop: () => undefined,
};

beforeEach(async () => {
  asked.length = 0;
  viewer = handFed();
  page = await servePage(viewer, 0);
});
afterEach(() => page.end('the test is over'));

const post = async (path: string, body: unknown) => {
  const response = await fetch(page.url + path, { method: 'POST', body: JSON.stringify(body) });
  return [response.status, await response.json()];
};

/** The status of a request with headers that `fetch` does not let one set. */
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

test('the page, its modules and the chart library are served, under a policy that allows nothing from elsewhere', async () => {
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

test('nothing but the page is served, wherever a path points', async () => {
  for (const path of ['/screenshots.ts', '/..%2fmain.ts', '/%2e%2e/main.ts', '/toString', '/traces/none'])
    expect([path, (await fetch(page.url + path)).status]).toEqual([path, 404]);
});

test('another site in the same browser can neither look nor press a button', async () => {
  page.ready(controls);
  const { host, port } = new URL(page.url);
  expect(await statusWith({ host: 'evil.example' })).toBe(403);
  expect(await statusWith({ host, origin: 'http://evil.example' }, 'POST', '/orders')).toBe(403);
  expect(await statusWith({ host, origin: 'null' }, 'POST', '/orders')).toBe(403);
  expect(asked).toEqual([]);
  expect(await statusWith({ host: `localhost:${port}` })).toBe(200);
  expect(await statusWith({ host, origin: page.url }, 'POST', '/orders')).toBe(200);
});

test('buttons do what they say once the services are there, and a wrong wish is refused', async () => {
  expect(await post('/orders', { count: 1, card: 'accepted' })).toEqual([
    503,
    { error: 'The services are still starting.' },
  ]);
  page.ready(controls);
  expect(await post('/orders', { count: 1000, card: 'accepted' })).toEqual([200, { order: 'one' }]);
  expect(await post('/speed', { speed: 'slow' })).toEqual([200, {}]);
  expect(asked).toEqual([[1000, 'accepted'], 'slow']);
  for (const wish of [{ count: 1001, card: 'accepted' }, { count: 1, card: 'gold' }, { count: 0.5 }, null, 7])
    expect(await post('/orders', wish)).toMatchObject([400, {}]);
  expect(await post('/speed', { speed: 'warp' })).toEqual([400, { error: 'speed is full or slow' }]);
  expect(await post('/orders', { count: 1, card: 'declined' })).toEqual([
    502,
    { error: 'order-api is gone' },
  ]);
});

test('the feed tells all there is, then what has changed and what has gone', async () => {
  viewer.arrive(declined());
  const response = await fetch(`${page.url}/events`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<News> => {
    for (;;) {
      const [, data, rest] = /data: (.*)\n\n([^]*)/.exec(text) ?? [];
      if (data !== undefined) {
        text = rest ?? '';
        return JSON.parse(data) as News;
      }
      text += (await reader?.read())?.value ?? '';
    }
  };
  const first = await next();
  expect(first).toMatchObject({ whole: true, state: { phase: 'starting', speed: 'full' }, gone: [] });
  expect(first.traces).toEqual([
    {
      id: 'aaaaaaaa-1',
      name: 'POST /orders',
      services: ['order-api', 'payment-worker'],
      spans: 5,
      errors: 1,
      start: 1_700_000_000_000,
      ms: 330,
      linked: [],
      keys: ['one'],
    },
  ]);
  expect(Object.keys(first.heard)).toEqual(['order-api', 'payment-worker']);
  viewer.arrive(Array.from({ length: 500 }, (_, at) => declined(`o${at}`, `t-${at}`)).flat());
  const second = await next();
  expect(second).toMatchObject({ whole: false, gone: ['aaaaaaaa-1'] });
  expect(second.traces).toHaveLength(500);
  page.ready(controls);
  expect((await next()).state).toEqual({ phase: 'running', speed: 'full' });
  await reader?.cancel();
});

test('a trace is told with the spans that it links to and that link to it', async () => {
  viewer.arrive(paidTogether());
  const picture = async (id: string) => (await (await fetch(`${page.url}/traces/${id}`)).json()) as Picture;
  const batch = await picture('cccccccc-3');
  expect(batch.spans.map(({ links }) => links)).toEqual([
    [
      { traceId: 'aaaaaaaa-1', spanId: 'one-receipt', name: 'send receipts', service: 'payment-worker' },
      { traceId: 'bbbbbbbb-2', spanId: 'two-receipt', name: 'send receipts', service: 'payment-worker' },
    ],
  ]);
  const order = await picture('aaaaaaaa-1');
  expect(order.spans.map(({ name, parent, depth, start, ms }) => [name, parent, depth, start, ms])).toEqual([
    ['POST /orders', undefined, 0, 0, 20],
    ['send orders', 'one-http', 1, 5, 10],
    ['process orders', 'one-send', 0, 20, 30],
    ['pg.query:INSERT postgres', 'one-process', 1, 21, 9],
    ['send receipts', 'one-process', 1, 30, 18],
  ]);
  expect(order.spans.at(-1)?.linkedFrom).toMatchObject([{ traceId: 'cccccccc-3', spanId: 'both-batch' }]);
});

test('a port that is taken is said in one sentence that tells what to do', async () => {
  const { port } = new URL(page.url);
  await expect(servePage(viewer, Number(port))).rejects.toThrow(
    `port ${port} is taken: give the page another one with --port, or leave --port out`,
  );
});
