import type { Browser, Page } from 'puppeteer-core';
import { join } from 'node:path';
import { startBrowser, texts, until, watchPage, type PageProblems } from '../../support/browser';
import { inOrder } from '../../support/in-order';
import { startProgram, type Program } from '../../support/program';
import { leftBehind, messagesIn, suffixIn } from '../demo-topics';

/** Runs the demo as a user does, with its page in a real browser. All tests use the same demo. */
jest.setTimeout(400_000);
/** Long enough for a thousand orders on a busy machine. */
const MANY_MS = 180_000;

let demo: Program;
let browser: Browser;
let page: Page;
let problems: PageProblems;
const step = inOrder();

beforeAll(async () => {
  // Do not use the tsx command: if it is killed, the demo keeps running.
  demo = startProgram({
    execArgv: ['--require', 'tsx/cjs'],
    file: join('demo', 'main.ts'),
    args: ['--keep'],
    env: { FORCE_COLOR: '1' },
  });
  const [[url], started] = await Promise.all([demo.line(/^ {2}http:\S+:\d+$/, 120_000), startBrowser()]);
  browser = started;
  page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  problems = watchPage(page, url.trim());
  await page.goto(url.trim());
}, 180_000);

afterAll(async () => {
  await browser.close();
});

const ROW = '#trace-list [role=option]';
const SPAN = '.waterfall [role=option]';
/** Returns the latest value of a line in the charts beside the map. */
const legend = (series: string) =>
  `Number.parseFloat(document.querySelector('#overview [data-series^="${series}"] b')?.textContent.replace(',', '') ?? '')`;
/** True if the trace in the URL is drawn with this number of spans. */
const drawn = (spans: number) =>
  `document.querySelector('.trace .id')?.innerText === location.hash.split('/')[2] &&
   document.querySelectorAll('${SPAN}').length === ${spans}`;
const lanes = () => texts(page, '.lane-title');
const bare = (names: readonly string[]) => names.map(name => name.replaceAll(/-demo-\w+/g, ''));
const statusShows = (text: string, withinMs?: number) =>
  until(page, `document.getElementById('status').innerText.includes('${text}')`, withinMs);
async function view(name: 'map' | 'traces' | 'consumers' | 'metrics'): Promise<void> {
  await page.click(`#views a[href="#/${name}"]`);
  await until(page, `document.getElementById('${name}').checkVisibility()`);
}
/** Returns the rows of the map's table: from, to, total number of messages, and errors. */
const totals = () =>
  page.evaluate(
    `[...document.querySelectorAll('#map-table tbody tr')].map(row => {
      const [from, to, , total, errors] = [...row.cells].map(cell => cell.textContent.replaceAll(',', ''));
      return [from, to, Number(total), Number(errors)];
    })`,
  ) as Promise<[string, string, number, number][]>;

step('the page opens with a map of the services, topics and groups', async () => {
  await until(page, `document.querySelectorAll('.map .box').length === 6`);
  const names = (await page.evaluate(
    `[...document.querySelectorAll('.map .box')].map(box => box.dataset.node)`,
  )) as string[];
  expect(bare(names).sort()).toEqual([
    'service:order-api',
    'service:payment-worker',
    'service:receipt-mailer',
    'topic:orders',
    'topic:orders-dead-letters',
    'topic:receipts',
  ]);
  expect(await texts(page, '#services li a')).toEqual(['order-api', 'payment-worker', 'receipt-mailer']);
  expect(await texts(page, '#connection')).toEqual(['Live']);
});

step('placing an order opens its trace, which grows until it is complete', async () => {
  const before = page.url();
  await page.click('#one');
  await statusShows('Order placed');
  await until(page, `location.href !== '${before}' && ${drawn(6)}`);
  expect(bare(await texts(page, `${SPAN} .name`))).toEqual([
    'POST /orders',
    'send orders',
    'process orders',
    'pg.query:INSERT postgres',
    'send receipts',
    'process receipts',
  ]);
  expect(await lanes()).toEqual(['order-api', 'payment-worker', 'receipt-mailer']);
  await until(page, `document.querySelectorAll('.hops .hop').length === 2`);
  const hops = (await page.evaluate(
    `[...document.querySelectorAll('.hop title')].map(title => title.textContent)`,
  )) as string[];
  expect(bare(hops)).toEqual(['send orders → process orders', 'send receipts → process receipts']);
  // The page shows how long the message waited in its topic.
  expect((await texts(page, '.waterfall .number')).join(' ')).toMatch(/after [\d.]+ m?s in the topic/);
});

step('a failing order shows its error on the bar, as an exception event and in the list', async () => {
  const before = page.url();
  await page.click('#failing');
  await statusShows('Failing order placed');
  await until(page, `location.href !== '${before}' && ${drawn(5)}`);
  await until(page, `document.querySelectorAll('.bar.failed').length === 1`);
  await page.click(`${SPAN}.failed`);
  await until(page, `document.querySelector('.span')?.innerText.includes('Event: exception')`);
  const [details = ''] = await texts(page, '.span');
  expect(details).toMatch(/✖ card declined for \w+/);
  expect(details).toMatch(/exception\.type\s+Error/);
  expect(details).toMatch(/messaging\.kafka\.offset\s+\d+/);
  expect(details).toMatch(/service\.name\s+payment-worker/);
  expect(details).toMatch(/links to\s+send orders/);
  await view('traces');
  await page.select('[name=status]', 'error');
  await until(page, `document.querySelectorAll('${ROW}').length === 2`);
  expect(await texts(page, `${ROW} .name`)).toEqual(['POST /orders', 'POST /orders']);
  await page.click('#clear');
});

step('an order placed with curl is printed in the terminal', async () => {
  const [, url = ''] = await demo.line(/^ {2}curl .* (http:\S+\/orders)$/);
  await fetch(url, { method: 'POST', body: JSON.stringify({ item: 'cup', amount: 1, card: 'declined' }) });
  await demo.line(/✖ Error: card declined for cup/);
  await demo.line(/^A new order whose card is declined$/);
  expect(demo.stdout).toContain('\u001B[31m✖ Error: card declined for cup');
});

step('the lag grows while the payment worker is slowed down, and shrinks to 0 at full speed', async () => {
  await view('map');
  await page.click('#slow');
  await statusShows('payment-worker needs 250 ms more per payment');
  await until(page, `document.getElementById('slow').ariaPressed === 'true'`);
  await until(page, `${legend('lag payment-worker')} >= 30 && ${legend('timeLag payment-worker')} >= 1`);
  await until(page, `/lag \\d{2,}/.test(document.querySelector('.map').textContent)`);
  await view('consumers');
  await until(page, `document.querySelectorAll('#groups .partitions tbody tr').length >= 4`);
  expect(bare(await texts(page, '#groups .partitions tbody th'))).toEqual([
    'orders / 0',
    'orders / 1',
    'orders / 2',
    'receipts / 0',
  ]);
  expect(bare(await texts(page, '#groups h2'))).toEqual(['payment-worker', 'receipt-mailer']);
  await until(page, `document.querySelectorAll('#groups .stack tbody tr').length === 2`);
  await page.click('#full');
  await until(page, `document.getElementById('full').ariaPressed === 'true'`);
  await view('map');
  await until(
    page,
    `${legend('lag payment-worker')} === 0 && ${legend('timeLag payment-worker')} === 0`,
    MANY_MS,
  );
});

step(
  'a thousand orders are one line among the groups of traces, and a batch links to its orders and back',
  async () => {
    await page.click('#thousand');
    // Above 0 is enough: the latest second is not over, so its value may be small.
    await until(page, `${legend('sent order-api')} > 0`, MANY_MS);
    await statusShows('1,000 orders placed in', MANY_MS);
    await until(
      page,
      `${legend('lag payment-worker')} === 0 && ${legend('lag receipt-mailer')} === 0`,
      MANY_MS,
    );
    await view('traces');
    const group = (name: string) =>
      `[...document.querySelectorAll('#roots tbody tr')].find(row => row.cells[0].textContent.startsWith('${name}'))`;
    await until(page, `Number(${group('POST /orders')}?.cells[2].textContent.replace(',', '')) > 1000`);
    // The batches of receipts do not hide the orders.
    const names = `[...document.querySelectorAll('${ROW} .name')].map(name => name.textContent)`;
    for (const name of ['POST /orders', 'process receipts'])
      await until(page, `${names}.some(name => name.startsWith('${name}'))`);
    // The list does not contain the requests of the panel itself.
    const roots = bare(await texts(page, '#roots tbody tr td:first-child'));
    expect(roots.filter(name => name.includes('speed'))).toEqual([]);
    await page.evaluate(`${group('process receipts')}.querySelector('a').click()`);
    const linked = `[...document.querySelectorAll('${ROW}')].find(row => / links to \\d{1,} traces/.test(row.innerText))`;
    await until(page, `${linked} !== undefined`);
    await page.evaluate(`${linked}.click()`);
    await until(page, `document.querySelector('#linked-to a') !== null`);
    const batch = await page.evaluate(`location.hash.split('/')[2]`);
    await page.evaluate(`document.querySelector('#linked-to a').click()`);
    await until(page, `document.querySelector('.span') !== null`);
    expect(bare(await texts(page, '.span h3'))).toEqual(['send receipts']);
    expect(await lanes()).toContain('payment-worker');
    await page.evaluate(`document.querySelector('#linked-from a').click()`);
    await until(page, `location.hash.split('/')[2] === '${String(batch)}'`);
  },
);

step('the map counts exactly the messages that are in the topics', async () => {
  await view('map');
  const suffix = suffixIn(demo);
  const inTopic = Object.fromEntries(
    await Promise.all(
      ['orders', 'receipts', 'orders-dead-letters'].map(
        async topic => [`topic ${topic}${suffix}`, await messagesIn(`${topic}${suffix}`)] as const,
      ),
    ),
  );
  const sent = async () => (await totals()).filter(([, to]) => to.startsWith('topic '));
  const total = (from: string, to: string, count: number) =>
    until(
      page,
      `[...document.querySelectorAll('#map-table tbody tr')].some(({ cells }) => cells[0].textContent.startsWith('${from}') && cells[1].textContent.startsWith('${to}') && cells[3].textContent.replaceAll(',', '') === '${count}')`,
    );
  const counted = (topic: string) => inTopic[`topic ${topic}${suffix}`] ?? 0;
  const deadLetters = counted('orders-dead-letters');
  // The last metrics may arrive a second after the messages.
  await total('service', 'topic orders', counted('orders'));
  // Each order with a declined card is delivered twice.
  await total('topic orders', 'group', counted('orders') + deadLetters);
  await total('topic receipts', 'group', counted('receipts'));
  // The map also counts failed sends, whose messages are not in the topic.
  expect(Object.fromEntries((await sent()).map(([, to, total, failed]) => [to, total - failed]))).toEqual(
    inTopic,
  );
  expect(deadLetters).toBe(3);
  // The first delivery of each order with a declined card failed.
  const failed = (await totals()).flatMap(([from, , , errors]) =>
    from.startsWith('topic orders') ? [errors] : [],
  );
  expect(failed).toEqual([deadLetters]);
});

step('the page logged no errors and sent no requests to other servers', () => {
  expect(problems).toEqual({ errors: [], externalRequests: [] });
});

step('Ctrl-C ends the demo and deletes its topics, and the page says that it ended', async () => {
  demo.kill('SIGINT');
  await until(page, `document.getElementById('notice').innerText.includes('has ended')`);
  expect(await demo.exit).toMatchObject({ code: 0, signal: null });
  expect(await leftBehind(suffixIn(demo))).toEqual([]);
  await until(page, `document.getElementById('connection').innerText.startsWith('Connection lost')`);
  expect(await texts(page, '#panel button:disabled')).toHaveLength(5);
});
