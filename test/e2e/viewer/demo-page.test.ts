import type { Browser, Page } from 'puppeteer-core';
import { join } from 'node:path';
import { startBrowser, texts, until, watchPage, type PageProblems } from '../../support/browser';
import { inOrder } from '../../support/in-order';
import { startProgram, type Program } from '../../support/program';
import { leftBehind, suffixIn } from '../demo-topics';

/** Runs the demo as a user does, with its page in a real browser. All tests share one demo. */
jest.setTimeout(400_000);
/** Time for a thousand orders on a busy machine. */
const MANY_MS = 180_000;

let demo: Program;
let browser: Browser;
let page: Page;
let problems: PageProblems;
const step = inOrder();

beforeAll(async () => {
  // With `--import tsx` instead of the tsx command, which would leave the demo running when killed.
  demo = startProgram({
    execArgv: ['--import', 'tsx'],
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
const legend = (series: string) =>
  `Number.parseFloat(document.querySelector('[data-series^="${series}"] b')?.innerText.replace(',', '') ?? '')`;
/** The trace in the URL is drawn with this number of spans. */
const drawn = (spans: number) =>
  `document.querySelector('#trace h2')?.innerText === 'Trace ' + location.hash.slice(1, 9) &&
   document.querySelectorAll('${SPAN}').length === ${spans}`;
const lanes = () => texts(page, '.lane-title');
const bare = (names: readonly string[]) => names.map(name => name.replace(/-demo-\w+/g, ''));
const statusShows = (text: string, withinMs?: number) =>
  until(page, `document.getElementById('status').innerText.includes('${text}')`, withinMs);

step('the page opens with a trace through all services', async () => {
  await until(page, `document.querySelectorAll('${SPAN}').length === 6`);
  expect(await lanes()).toEqual(['order-api', 'payment-worker', 'receipt-mailer']);
  await until(page, `document.querySelectorAll('.hops .hop').length === 2`);
  expect(await texts(page, '#services li')).toEqual(['order-api', 'payment-worker', 'receipt-mailer']);
  expect(await texts(page, '#connection')).toEqual(['Live']);
  const hops = (await page.evaluate(
    `[...document.querySelectorAll('.hop title')].map(title => title.textContent)`,
  )) as string[];
  expect(hops.map(label => label.replaceAll(/-demo-\w+/g, ''))).toEqual([
    'send orders → process orders',
    'send receipts → process receipts',
  ]);
});

step('placing an order opens its trace, which grows until it is complete', async () => {
  const before = page.url();
  // The rate shows the order only for about a second, so start watching before the click.
  const counted = until(page, `${legend('consumed receipt-mailer')} > 0`);
  counted.catch(() => undefined);
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
  await counted;
});

step('a failing order shows its error in the list, on the bar and as an exception event', async () => {
  const before = page.url();
  await page.click('#failing');
  await statusShows('Failing order placed');
  await until(page, `location.href !== '${before}' && ${drawn(5)}`);
  expect(await texts(page, `${ROW}[aria-selected=true] .name`)).toEqual(['✖POST /orders']);
  await until(page, `document.querySelectorAll('.bar.failed').length === 1`);
  await page.click(`${SPAN}.failed`);
  await until(page, `document.querySelector('.span')?.innerText.includes('Event: exception')`);
  const [details = ''] = await texts(page, '.span');
  expect(details).toMatch(/✖ card declined for \w+/);
  expect(details).toMatch(/exception\.type\s+Error/);
  expect(details).toMatch(/messaging\.kafka\.offset\s+\d+/);
  expect(details).toMatch(/service\.name\s+payment-worker/);
  expect(details).toMatch(/links to\s+send orders/);
});

step('an order placed with curl is printed in the terminal', async () => {
  const [, url = ''] = await demo.line(/^ {2}curl .* (http:\S+\/orders)$/);
  await fetch(url, { method: 'POST', body: JSON.stringify({ item: 'cup', amount: 1, card: 'declined' }) });
  await demo.line(/✖ Error: card declined for cup/);
  await demo.line(/^A new order whose card is declined$/);
  expect(demo.stdout).toContain('\u001B[31m✖ Error: card declined for cup');
});

step('the lag grows while the payment worker is slowed down, and shrinks to 0 at full speed', async () => {
  await page.click('#slow');
  await until(page, `document.getElementById('slow').ariaPressed === 'true'`);
  await until(page, `${legend('lag payment-worker')} >= 30 && ${legend('timeLag payment-worker')} >= 1`);
  await page.click('#partitions summary');
  await until(page, `[...document.querySelectorAll('#partitions tbody tr')].length >= 4`);
  const rows = (await texts(page, '#partitions tbody tr')).map(row => row.split('\t'));
  expect(rows.map(([group, topic, partition]) => bare([group ?? '', topic ?? '', partition ?? '']))).toEqual([
    ['payment-worker', 'orders', '0'],
    ['payment-worker', 'orders', '1'],
    ['payment-worker', 'orders', '2'],
    ['receipt-mailer', 'receipts', '0'],
  ]);
  await page.click('#partitions summary');
  await page.click('#full');
  await until(page, `document.getElementById('full').ariaPressed === 'true'`);
  await until(page, `${legend('lag payment-worker')} === 0 && ${legend('timeLag payment-worker')} === 0`);
});

step(
  'after a thousand orders the page has the latest 500 traces, and a batch links to its orders',
  async () => {
    await page.click('#thousand');
    await until(page, `${legend('sent order-api')} > 20`, MANY_MS);
    await statusShows('1,000 orders placed in', MANY_MS);
    // The first traces are evicted before they are paid; the last batch links to stored ones.
    await until(page, `${legend('lag payment-worker')} === 0`, MANY_MS);
    await until(page, `document.getElementById('count').innerText === '500'`);
    const linked = `[...document.querySelectorAll('${ROW}')].find(row => / links to \\d/.test(row.innerText))`;
    await until(page, `${linked} !== undefined`);
    await page.evaluate(`${linked}.click()`);
    await until(page, `document.querySelector('.linked-traces a') !== null`);
    const before = page.url();
    await page.evaluate(`document.querySelector('.linked-traces a').click()`);
    await until(page, `location.href !== '${before}' && document.querySelector('.span') !== null`);
    expect(bare(await texts(page, '.span h3'))).toEqual(['send receipts']);
    expect(await lanes()).toContain('payment-worker');
  },
);

step('the page logged no errors and sent no requests to other servers', () => {
  expect(problems).toEqual({ errors: [], externalRequests: [] });
});

step('Ctrl-C ends the demo and deletes its topics, and the page says that the demo ended', async () => {
  demo.kill('SIGINT');
  await until(page, `document.getElementById('notice').innerText.startsWith('The demo has ended')`);
  expect(await demo.exit).toMatchObject({ code: 0, signal: null });
  expect(await leftBehind(suffixIn(demo))).toEqual([]);
  await until(page, `document.getElementById('connection').innerText.startsWith('Connection lost')`);
  expect(await texts(page, 'button:disabled')).toHaveLength(5);
});
