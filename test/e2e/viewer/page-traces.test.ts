import { texts, until } from '../../support/browser';
import { layoutProblems } from './layout-problems';
import { LOOKS, openPageForEachTest } from './opened-page';
import { bigMap, failedTrace, shopUpdate, summary } from './shop';

const opened = openPageForEachTest();
const { open, shows, counts, focusOn } = opened;

const ROW = '#trace-list [role=option]';
const ROOTS = [
  {
    name: 'process receipts',
    service: 'receipt-mailer',
    count: 1_000,
    errors: 0,
    p50: 0.3,
    p95: 0.6,
    latest: Date.now(),
  },
  {
    name: 'POST /orders',
    service: 'order-api',
    count: 200,
    errors: 14,
    p50: 204.2,
    p95: 480,
    latest: Date.now(),
  },
];

/** Returns the last query for traces, without its limit. */
const lastQuery = () => {
  const query = [...(opened.page.queries.at(-1) ?? [])];
  return Object.fromEntries(query.filter(([name]) => name !== 'limit'));
};

async function openList(fragment = '#/traces'): Promise<void> {
  opened.page.list(
    [
      summary('aaaaaaaa-1', { errors: 1, logs: 3, linkedFrom: ['bbbbbbbb-2'] }),
      summary('bbbbbbbb-2', {
        name: 'process receipts',
        services: ['receipt-mailer'],
        topics: ['receipts'],
        spans: 1,
        ms: 0.3,
        linked: ['aaaaaaaa-1', 'cccccccc-3'],
        keys: [],
      }),
    ],
    ROOTS,
    1_200,
  );
  opened.page.send(shopUpdate());
  await open(fragment);
  await counts(ROW, 2);
}

/** Waits until the page has asked for traces with exactly this filter. */
async function untilAskedFor(filter: Readonly<Record<string, string>>): Promise<void> {
  await until(opened.tab, 'true');
  const deadline = Date.now() + 30_000;
  while (JSON.stringify(lastQuery()) !== JSON.stringify(filter) && Date.now() < deadline)
    await until(opened.tab, 'true');
  expect(lastQuery()).toEqual(filter);
}

test('every control of the search is a part of the query and of the URL', async () => {
  await openList();
  await opened.tab.type('[name=text]', 'order-7');
  await untilAskedFor({ text: 'order-7' });
  await opened.tab.select('[name=status]', 'error');
  await untilAskedFor({ text: 'order-7', status: 'error' });
  await opened.tab.select('[name=service]', 'payment-worker');
  await untilAskedFor({ text: 'order-7', status: 'error', service: 'payment-worker' });
  await opened.tab.select('[name=topic]', 'receipts');
  await untilAskedFor({ text: 'order-7', status: 'error', service: 'payment-worker', topic: 'receipts' });
  await opened.tab.type('[name=minMs]', '250');
  await untilAskedFor({
    text: 'order-7',
    status: 'error',
    service: 'payment-worker',
    topic: 'receipts',
    minMs: '250',
  });
  expect(await opened.tab.evaluate('location.hash')).toBe(
    '#/traces?text=order-7&status=error&service=payment-worker&topic=receipts&minMs=250',
  );
  await opened.tab.goBack();
  await untilAskedFor({ text: 'order-7', status: 'error', service: 'payment-worker' });
  expect(await opened.tab.evaluate(`document.querySelector('[name=topic]').value`)).toBe('');
  await opened.tab.click('#clear');
  await untilAskedFor({});
  expect(await opened.tab.evaluate(`document.querySelector('[name=text]').value`)).toBe('');
  expect(opened.problems).toEqual({ errors: [], externalRequests: [] });
});

test('a link to a search shows its filters, also those that have no field, which can be removed', async () => {
  await openList(
    '#/traces?service=order-api&group=payments&root=POST+%2Forders&rootService=web-shop&status=error',
  );
  await untilAskedFor({
    status: 'error',
    service: 'order-api',
    group: 'payments',
    root: 'POST /orders',
    rootService: 'web-shop',
  });
  expect(await opened.tab.evaluate(`document.querySelector('[name=service]').value`)).toBe('order-api');
  expect(await texts(opened.tab, '.chip')).toEqual([
    'Starts with: POST /orders in web-shop ✕',
    'Consumer group: payments ✕',
  ]);
  await opened.tab.click('.chip');
  await untilAskedFor({ status: 'error', service: 'order-api', group: 'payments' });
  await opened.tab.click('.chip');
  await untilAskedFor({ status: 'error', service: 'order-api' });
  await counts('.chip', 0);
});

test('traces are grouped by their first span, and a click on a group shows only its traces', async () => {
  await openList();
  expect((await texts(opened.tab, '#roots tbody tr')).map(row => row.split('\t').slice(0, 6))).toEqual([
    ['process receipts', 'receipt-mailer', '1,000', '0', '0.3 ms', '0.6 ms'],
    ['POST /orders', 'order-api', '200', '14', '204.2 ms', '480.0 ms'],
  ]);
  await opened.tab.click('#roots tbody tr:nth-child(2) a');
  await untilAskedFor({ root: 'POST /orders', rootService: 'order-api' });
});

test('traces that the list leaves out are counted in a row of their own, which shows them', async () => {
  await openList('#/traces?service=receipt-mailer');
  opened.page.list(
    [
      summary('dddddddd-4'),
      summary('bbbbbbbb-2', { name: 'process receipts', service: 'mailer', similar: 205 }),
    ],
    ROOTS,
    207,
  );
  opened.page.send({ changed: 'many' });
  await counts(ROW, 3);
  expect((await texts(opened.tab, ROW)).at(-1)).toBe('205 more traces start with process receipts');
  expect(await texts(opened.tab, '#count')).toEqual(['207']);
  await until(opened.tab, `document.getElementById('more-traces').hidden`);
  await opened.tab.focus('[data-trace="bbbbbbbb-2"]');
  await opened.tab.keyboard.press('ArrowDown');
  await opened.tab.keyboard.press('Enter');
  await untilAskedFor({ service: 'receipt-mailer', root: 'process receipts', rootService: 'mailer' });
});

test('with many groups of traces, six are shown until a button shows all', async () => {
  await openList();
  const groups = Array.from({ length: 9 }, (_, index) => ({ ...ROOTS[0], name: `job ${index}` }));
  opened.page.list([summary('aaaaaaaa-1')], groups as typeof ROOTS);
  opened.page.send({ changed: 'many' });
  await counts('#roots tbody tr', 6);
  await opened.tab.click('#more-roots');
  await counts('#roots tbody tr', 9);
  await shows('#more-roots', 'Show fewer');
  await opened.tab.click('#more-roots');
  await counts('#roots tbody tr', 6);
  await shows('#more-roots', 'Show all 9');
});

test('a click on a service shows its traces', async () => {
  await openList();
  await opened.tab.click('#services [data-service="receipt-mailer"] a');
  await untilAskedFor({ service: 'receipt-mailer' });
});

test('a row says in words what it links to, and the page says what the list leaves out', async () => {
  await openList();
  const [order = '', batch = ''] = await texts(opened.tab, ROW);
  expect(order).toContain('1 error');
  expect(order).toContain('6 spans · 3 log records · linked from 1 trace · key order-1');
  expect(batch).toContain('1 span · links to 2 traces');
  expect(await texts(opened.tab, '#count')).toEqual(['latest 2 of 1,200']);
  expect(await texts(opened.tab, '#stored')).toEqual([
    '1,243 traces with 5,890 spans in memory. 512 older traces were removed, because the viewer keeps at most 100,000 spans.',
  ]);
  await opened.tab.click('#more-traces');
  await until(opened.tab, 'true');
  const limits = () => opened.page.queries.map(query => query.get('limit'));
  await shows('#count', 'latest');
  expect(limits().at(-1)).toBe('400');
});

test('while data arrives, the page asks for traces at most once a second, and not at all while the list is hidden', async () => {
  await openList();
  await until(opened.tab, 'true');
  const before = opened.page.queries.length;
  const startedAt = Date.now();
  while (Date.now() - startedAt < 2_500) {
    opened.page.send({ changed: ['aaaaaaaa-1'] });
    await until(opened.tab, 'true');
  }
  const asked = opened.page.queries.length - before;
  expect(asked).toBeGreaterThanOrEqual(1);
  expect(asked).toBeLessThanOrEqual(Math.ceil((Date.now() - startedAt) / 1_000) + 1);
  await opened.tab.click('#views a[href="#/map"]');
  await until(opened.tab, `document.querySelector('#map').checkVisibility()`);
  // The answer to an earlier query may still arrive.
  await until(
    opened.tab,
    `performance.now() > ${String(await opened.tab.evaluate('performance.now()'))} + 1200`,
  );
  const hidden = opened.page.queries.length;
  opened.page.send({ changed: 'many', errors: [] });
  await until(opened.tab, `document.getElementById('no-errors').hidden === false`);
  expect(opened.page.queries).toHaveLength(hidden);
});

test('new traces appear, and the focus stays on its row', async () => {
  await openList();
  await opened.tab.focus('[data-trace="bbbbbbbb-2"]');
  opened.page.list(
    [
      summary('dddddddd-4'),
      summary('aaaaaaaa-1'),
      summary('bbbbbbbb-2', { spans: 2 }),
      summary('cccccccc-3'),
    ],
    ROOTS,
  );
  opened.page.send({ changed: ['dddddddd-4'] });
  await counts(ROW, 4);
  await focusOn('[data-trace="bbbbbbbb-2"]');
  opened.page.list([summary('dddddddd-4'), summary('aaaaaaaa-1')], ROOTS);
  opened.page.send({ changed: 'many' });
  await counts(ROW, 2);
  await focusOn('[data-trace="aaaaaaaa-1"]');
});

test('traces and spans can be opened and closed by keyboard, and the focus comes back', async () => {
  opened.page.trace('aaaaaaaa-1', failedTrace('aaaaaaaa-1'));
  await openList('#/traces?status=error');
  await opened.tab.focus(`${ROW}[tabindex="0"]`);
  await opened.tab.keyboard.press('End');
  await focusOn('[data-trace="bbbbbbbb-2"]');
  await opened.tab.keyboard.press('Home');
  await opened.tab.keyboard.press('Enter');
  await focusOn('[data-span="http"]');
  expect(opened.tab.url()).toBe(`${opened.page.url}/#/traces/aaaaaaaa-1`);
  await opened.tab.keyboard.press('ArrowDown');
  await opened.tab.keyboard.press('ArrowDown');
  await opened.tab.keyboard.press('Enter');
  await shows('.span h3', 'process orders');
  expect(opened.tab.url()).toBe(`${opened.page.url}/#/traces/aaaaaaaa-1/process`);
  await opened.tab.keyboard.press('Escape');
  await counts('.span', 0);
  await focusOn('[data-span="process"]');
  await opened.tab.keyboard.press('Escape');
  await focusOn('[data-trace="aaaaaaaa-1"]');
  expect(opened.tab.url()).toBe(`${opened.page.url}/#/traces?status=error`);
});

test('HTML in names, keys and filters is shown as text', async () => {
  const name = '<img src=x onerror=document.title="taken">';
  opened.page.list(
    [summary('a', { name, services: [name], topics: [name], keys: [name] })],
    [{ name, service: name, count: 1, errors: 0, p50: 1, p95: 1, latest: 1 }],
  );
  opened.page.send(shopUpdate({ lastSeen: { [name]: Date.now() } }));
  await open(`#/traces?root=${encodeURIComponent(name)}`);
  await shows(ROW, name);
  await shows('#roots', name);
  await shows('.chip', name);
  await shows('#services', name);
  expect(await opened.tab.title()).toBe('Kafka, traced live');
  expect(opened.problems).toEqual({ errors: [], externalRequests: [] });
});

test('an empty list says what to do', async () => {
  await open('#/traces');
  await shows('#no-traces', 'No trace has arrived yet');
  opened.page.send(shopUpdate({ changed: 'many' }));
  await open('#/traces?text=nothing');
  await opened.tab.reload();
  await shows('#no-traces', 'No stored trace matches');
});

test.each(LOOKS)(
  'nothing overlaps on the list at a width of %d pixels in the %s theme',
  async (width, theme) => {
    await opened.look(width, theme);
    opened.page.list(
      [
        summary('a', { name: 'x'.repeat(200), errors: 1, keys: ['k'.repeat(100)] }),
        summary('b', { services: Array.from({ length: 20 }, (_, index) => `service-${index}`) }),
      ],
      [...ROOTS, { ...ROOTS[1], name: 'y'.repeat(120), count: 123_456, p95: 3_600_000 } as (typeof ROOTS)[0]],
      1_200,
    );
    opened.page.send(shopUpdate({ map: bigMap() }));
    await open('#/traces?root=POST+%2Forders&group=payments');
    await counts(ROW, 2);
    expect(await layoutProblems(opened.tab)).toEqual([]);
  },
);
