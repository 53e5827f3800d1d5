import { texts, until } from '../../support/browser';
import { serveFedPage } from './fed-page';
import { layoutProblems } from './layout-problems';
import { LOOKS, openPageForEachTest } from './opened-page';
import { shopGroups, shopUpdate, summary } from './shop';

const opened = openPageForEachTest();
const { open, shows, counts } = opened;

const current = () =>
  opened.tab.evaluate(`document.querySelector('#views [aria-current]')?.innerText`) as Promise<
    string | undefined
  >;
const visible = (selector: string) =>
  until(opened.tab, `document.querySelector('${selector}').checkVisibility()`);

test('without data, the page says how to start a program', async () => {
  await open();
  await shows('#welcome', 'npx @org/kafka-otel-viewer -- node app.js');
  await shows('#welcome', `OTEL_EXPORTER_OTLP_ENDPOINT=${opened.page.url}`);
  expect(await current()).toBe('Map');
  await opened.tab.click('#views a[href="#/consumers"]');
  await shows('#no-groups', 'No consumer group yet');
  await opened.tab.click('#views a[href="#/metrics"]');
  await shows('#no-errors', 'No error');
  await counts('#charts .plot.waiting', 5);
  expect(opened.problems).toEqual({ errors: [], externalRequests: [] });
});

test('the page opens with the traces if there is no Kafka traffic, and with the map otherwise', async () => {
  opened.page.list([summary('one', { topics: [] })]);
  opened.page.send({ stored: { traces: 1, spans: 1, spanLimit: 100, removedTraces: 0 }, changed: ['one'] });
  await open();
  await counts('#trace-list [role=option]', 1);
  expect(await current()).toBe('Traces');
  await opened.tab.click('#views a[href="#/map"]');
  await shows('#welcome', 'No Kafka message yet');
  await open('?again');
  opened.page.send(shopUpdate());
  await counts('.map .box', 6);
  expect(await current()).toBe('Map');
});

test('every view has a link of its own, and the back button returns to the view before', async () => {
  opened.page.send(shopUpdate());
  await open('#/consumers');
  await visible('#groups');
  for (const [name, place] of [
    ['Metrics', '#charts'],
    ['Map', '.map'],
    ['Traces', '#filters'],
  ] as const) {
    await opened.tab.click(`#views a[href="#/${name.toLowerCase()}"]`);
    await visible(place);
    expect(await current()).toBe(name);
  }
  await opened.tab.goBack();
  await visible('.map');
  await opened.tab.goBack();
  await visible('#charts');
});

test('a lost connection is shown, and the page takes all data after reconnecting', async () => {
  opened.page.send(shopUpdate());
  await open();
  await shows('#connection', 'Live');
  const { port } = new URL(opened.page.url);
  opened.page.send({ state: { phase: 'ended', reason: 'It was stopped.', panel: false } });
  await shows('#notice', 'The viewer has ended: It was stopped.');
  await opened.page.close();
  await shows('#connection', 'Connection lost, reconnecting');
  opened.page = await serveFedPage(Number(port));
  opened.page.send({ lastSeen: { other: Date.now() } });
  await shows('#connection', 'Live');
  await shows('#services', 'other');
  expect(await opened.tab.evaluate(`document.getElementById('notice').hidden`)).toBe(true);
});

test('a service that stops exporting data is marked', async () => {
  opened.page.send(shopUpdate());
  await open();
  opened.page.send({ lastSeen: { 'order-api': Date.now(), 'receipt-mailer': Date.now() - 20_000 } });
  await until(
    opened.tab,
    `/receipt-mailer\\s*no data for 2\\d s/.test(document.getElementById('services').innerText)`,
  );
  await counts('#services .silent', 1);
});

test('the theme follows the system until the user chooses one, which is stored; the button says what it does', async () => {
  const paper = () => opened.tab.evaluate(`getComputedStyle(document.body).backgroundColor`);
  const [light, dark] = ['rgb(246, 247, 249)', 'rgb(15, 20, 25)'];
  await opened.tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
  await open();
  expect(await paper()).toBe(dark);
  expect(await texts(opened.tab, '#theme')).toEqual(['Light theme']);
  await opened.tab.click('#theme');
  expect(await paper()).toBe(light);
  expect(await texts(opened.tab, '#theme')).toEqual(['Dark theme']);
  await opened.tab.reload();
  expect(await paper()).toBe(light);
});

test('consumers: lag by partition with bars, members, processing time and errors', async () => {
  opened.page.send(shopUpdate());
  await open('#/consumers');
  await counts('[data-group]', 2);
  const payments = '[data-group=payments]';
  expect((await texts(opened.tab, `${payments} .totals div`)).map(text => text.replace(/\n+/, ' '))).toEqual([
    'Lag 112',
    'Time lag 2.4 s',
    'Processing p50 12.4 ms',
    'p95 48.1 ms',
    'p99 261.0 ms',
    'Errors 3',
  ]);
  const rows = async (selector: string) =>
    (await texts(opened.tab, selector)).map(row => row.split(/\t/).map(cell => cell.trim()));
  expect(await rows(`${payments} .partitions tbody tr`)).toEqual([
    ['orders / 0', '60', '', '2.4 s'],
    ['orders / 1', '52', '', '2.0 s'],
  ]);
  const widths = (await opened.tab.evaluate(
    `[...document.querySelectorAll('${payments} .lag-bar')].map(bar => bar.getBoundingClientRect().width)`,
  )) as number[];
  expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(52 / 60, 1);
  expect(await rows(`${payments} .stack tbody tr`)).toEqual([
    ['host-7:48121', 'payment-worker', 'payments', 'orders (2)', '0.8 s ago', '1', '0'],
    ['host-7:48122', 'payment-worker', '–', 'nothing', '–', '2', '1'],
  ]);
  // A group with many partitions shows those with the most lag first.
  await counts('[data-group=mails] .partitions tbody tr', 12);
  await shows('[data-group=mails] .partitions', 'receipts / 17');
  await shows('[data-group=mails]', 'No member has reported');
  await opened.tab.click('[data-group=mails] button');
  await counts('[data-group=mails] .partitions tbody tr', 30);
  await opened.tab.click(`${payments} .bar-title a`);
  await until(opened.tab, `location.hash === '#/traces?group=payments'`);
});

test('consumers: a member without an id, and processing time that comes from metrics', async () => {
  const [first] = shopGroups;
  const [member] = first?.members ?? [];
  const processing = { p50: 8, p95: 90, p99: 400, count: 163, source: 'metrics' as const };
  opened.page.send(
    shopUpdate({ groups: [{ ...first, members: [{ ...member, instance: '' }], processing }] as never }),
  );
  await open('#/consumers');
  await shows('[data-group] .bar-title', 'processing estimated from metrics of the last minute');
  expect((await texts(opened.tab, '[data-group] .stack tbody td')).at(0)).toBe('–');
});

test('metrics: charts with the latest values, and errors by type with a link to the latest trace', async () => {
  opened.page.send(shopUpdate());
  await open('#/metrics');
  const value = (series: string) => `#charts [data-series="${series}"] b`;
  await shows(value('lag payments'), '112');
  await shows(value('timeLag payments'), '2.4 s');
  await shows(value('p99 payments'), '261.0 ms');
  await shows(value('consumed receipt-mailer'), '30 /s');
  await shows(value('errors payment-worker'), '0');
  await counts('#charts canvas', 5);
  expect((await texts(opened.tab, '#errors tbody tr')).map(row => row.split('\t').slice(0, 3))).toEqual([
    ['Error', 'payment-worker', '3'],
    ['KafkaJSNumberOfRetriesExceeded', 'order-api', '1'],
  ]);
  await opened.tab.click('#errors tbody a');
  await until(opened.tab, `location.hash === '#/traces/failed'`);
});

test('a second without an error counts as 0 in the chart of errors, also if the server sends no value for it', async () => {
  const now = Math.floor(Date.now() / 1000);
  const frame = (at: number, values: Record<string, number>) => ({ at, values });
  opened.page.send(
    shopUpdate({
      frames: [
        frame(now - 60, { 'sent order-api': 5 }),
        frame(now - 50, { 'errors payment-worker': 2 }),
        frame(now - 20, { 'errors payment-worker': 1 }),
        frame(now, { 'lag payments': 1 }),
      ],
    }),
  );
  await open('#/metrics');
  const value = (series: string) => `#charts [data-series="${series}"] b`;
  await shows(value('errors payment-worker'), '0');
  // The chart shows the last minute. Under the pointer, the legend shows the values of that second.
  const { left, top, width } = (await opened.tab.evaluate(
    `(({ left, top, width }) => ({ left, top, width }))(document.querySelector('[data-chart=Errors] .u-over').getBoundingClientRect())`,
  )) as { left: number; top: number; width: number };
  for (const [ago, errors] of [
    [55, '0'],
    [50, '2'],
    [35, '0'],
    [20, '1'],
  ] as const) {
    await opened.tab.mouse.move(left + (width * (60 - ago)) / 60, top + 20);
    await shows(value('errors payment-worker'), errors);
  }
});

test.each(LOOKS)('nothing overlaps at a width of %d pixels in the %s theme', async (width, theme) => {
  await opened.look(width, theme);
  await open();
  await visible('#welcome');
  expect(await layoutProblems(opened.tab)).toEqual([]);
  opened.page.send(shopUpdate());
  for (const view of ['consumers', 'metrics']) {
    await opened.tab.click(`#views a[href="#/${view}"]`);
    await visible(`#${view}`);
    expect([view, await layoutProblems(opened.tab)]).toEqual([view, []]);
  }
});
