import type { Browser, Page as Tab } from 'puppeteer-core';
import { DemoPanel } from '../../../demo/commands';
import type { Controls } from '../../../demo/controls';
import { servePage, type Page } from '../../../viewer/src/serving';
import { startBrowser, texts, until, watchPage, type PageProblems } from '../../support/browser';
import { handFed, type HandFed } from '../../unit/viewer/hand-fed';
import { changed, declined, paid, paidTogether, span } from '../../unit/viewer/story';

/** Tests the page in a real browser with data from the test, for states that are rare in the demo. */
let browser: Browser;
let viewer: HandFed;
let page: Page;
let panel: DemoPanel;
let tab: Tab;
let problems: PageProblems;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  viewer = handFed();
  panel = new DemoPanel();
  page = await servePage(viewer, 0, panel);
  const context = await browser.createBrowserContext();
  tab = await context.newPage();
  await tab.setViewport({ width: 1280, height: 900 });
  problems = watchPage(tab, page.url);
});
afterEach(async () => {
  await tab.browserContext().close();
  await page.end('the test is over');
});

const controls = (does: Partial<Controls> = {}): Controls => ({
  speed: 'full',
  place: () => Promise.resolve('one'),
  setSpeed: () => Promise.resolve(),
  stop: () => undefined,
  ...does,
});

const ROW = '#trace-list [role=option]';
const SPAN = '.waterfall [role=option]';
const shows = (selector: string, text: string) =>
  until(tab, `document.querySelector('${selector}')?.innerText.includes(${JSON.stringify(text)}) === true`);
const counts = (selector: string, count: number) =>
  until(tab, `document.querySelectorAll('${selector}').length === ${count}`);
const focusOn = (selector: string) =>
  until(tab, `document.activeElement.matches(${JSON.stringify(selector)}) === true`);

function ready(controls: Controls): void {
  panel.controls = controls;
  page.ready();
}

async function open(): Promise<void> {
  ready(controls());
  await tab.goto(page.url);
  await until(tab, `document.getElementById('connection').innerText === 'Live'`);
}

test('buttons are disabled until the services are ready', async () => {
  await tab.goto(page.url);
  await shows('#connection', 'Starting');
  await shows('#no-traces', 'Waiting for the services');
  await shows('#trace', 'Choose a trace');
  expect(await texts(tab, 'button:disabled')).toHaveLength(5);
  ready(controls());
  await shows('#connection', 'Live');
  await shows('#no-traces', 'Place an order');
  await counts('button:disabled', 0);
  expect(problems).toEqual({ errors: [], externalRequests: [] });
});

test('traces and spans can be opened and closed by keyboard', async () => {
  await open();
  viewer.arrive([...paid(), ...declined('two', 'bbbbbbbb-2')]);
  await counts(ROW, 2);
  await tab.focus(`${ROW}[tabindex="0"]`);
  await tab.keyboard.press('Home');
  const [first = ''] = (await tab.evaluate(
    `[...document.querySelectorAll('${ROW}')].map(row => row.dataset.trace)`,
  )) as string[];
  await tab.keyboard.press('ArrowDown');
  await tab.keyboard.press('ArrowUp');
  await focusOn(`[data-trace="${first}"]`);
  await tab.keyboard.press('Enter');
  await focusOn('.lane:first-child .lane-title + [role=option]');
  expect(tab.url()).toBe(`${page.url}/#${first}`);
  await tab.keyboard.press('End');
  await tab.keyboard.press('ArrowUp');
  await tab.keyboard.press('Enter');
  await until(tab, `document.querySelector('.span') !== null`);
  const chosen = (await tab.evaluate(`document.activeElement.dataset.span`)) as string;
  expect(tab.url()).toBe(`${page.url}/#${first}/${chosen}`);
  await tab.keyboard.press('Escape');
  await counts('.span', 0);
  await focusOn(`[data-span="${chosen}"]`);
  await tab.keyboard.press('Escape');
  await focusOn(`[data-trace="${first}"]`);
});

test('the focus does not move when traces arrive and the chosen trace grows', async () => {
  await open();
  viewer.arrive(paid().slice(0, 3));
  await counts(SPAN, 3);
  await tab.focus(`${SPAN}[data-span="one-send"]`);
  viewer.arrive(paid().slice(3));
  await counts(SPAN, 6);
  await focusOn('[data-span="one-send"]');
  await tab.focus('[data-trace="aaaaaaaa-1"]');
  viewer.arrive(declined('two', 'bbbbbbbb-2'));
  await counts(ROW, 2);
  await focusOn('[data-trace="aaaaaaaa-1"]');
});

test('linked traces can be opened from both ends of a link', async () => {
  await open();
  viewer.arrive(paidTogether());
  await counts(ROW, 3);
  await tab.click('[data-trace="cccccccc-3"]');
  await counts('.linked-traces a', 2);
  await tab.click('.linked-traces a');
  await shows('.span h3', 'send receipts');
  expect(tab.url()).toContain('#aaaaaaaa-1/one-receipt');
  await shows('.linked-traces', '← linked from process receipts in trace cccccccc');
  await tab.goBack();
  await shows('#trace h2', 'Trace cccccccc');
});

test('the oldest of more than 500 traces is removed, and its URL shows a message', async () => {
  await open();
  const many = Array.from({ length: 500 }, (_, index) =>
    paid(`o${index}`, `trace-${index}`).slice(0, 2),
  ).flat();
  viewer.arrive(many);
  await counts(ROW, 500);
  viewer.arrive(declined('late', 'late-trace'));
  await counts('[data-trace="late-trace"]', 1);
  await counts('[data-trace="trace-0"]', 0);
  await counts(ROW, 500);
  await tab.click('[data-trace="late-trace"]');
  await shows('#trace h2', 'late-tra');
  await tab.goto(`${page.url}/#trace-0`);
  await shows('#trace', 'no longer stored');
  await tab.click('#errors-only');
  await counts(`${ROW}:not([hidden])`, 1);
  await tab.click(`${ROW}:not([hidden])`);
  await counts('.bar.failed', 1);
  expect(problems.externalRequests).toEqual([]);
});

test('HTML in names and attributes of spans is shown as text', async () => {
  await open();
  const name = '<img src=x onerror=document.title="taken">';
  viewer.arrive([
    span({
      id: 'a',
      name,
      service: '<b>api</b>',
      kind: 'SERVER',
      ms: [0, 5],
      attributes: { [name]: [1n, null, name] },
    }),
    span({ id: 'b', parent: 'lost', name: 'process', service: 'worker', kind: 'CONSUMER', ms: [2, 9] }),
  ]);
  await counts(SPAN, 2);
  expect(await texts(tab, `${SPAN} .name`)).toEqual([name, '⚠process']);
  await tab.click('[data-span="a"]');
  await shows('.span dt', name);
  await tab.click('[data-span="b"]');
  await shows('.span', 'Parent span lost has not been received');
  expect(await tab.title()).toBe('Kafka, traced live');
  expect(problems).toEqual({ errors: [], externalRequests: [] });
});

test('a service that stops exporting data is marked', async () => {
  await open();
  viewer.arrive(paid());
  viewer.lastSeen.set('receipt-mailer', Date.now() - 20_000);
  viewer.arrive(declined('two', 'bbbbbbbb-2'));
  await until(
    tab,
    `/receipt-mailer\\s*no data for 2\\d s/.test(document.getElementById('services').innerText)`,
  );
  expect(await texts(tab, '#services .silent')).toHaveLength(1);
});

test('a failed order shows its error, and the button can be used again', async () => {
  ready(controls({ place: () => Promise.reject(new Error('order-api answered 503')) }));
  await tab.goto(page.url);
  await counts('button:disabled', 0);
  await tab.click('#one');
  await shows('#status', 'Request failed: order-api answered 503');
  await until(tab, `document.getElementById('one').ariaBusy === null`);
});

test('a lost connection is shown, and the page reloads all data after reconnecting', async () => {
  await open();
  viewer.arrive(paid());
  await counts(ROW, 1);
  const { port } = new URL(page.url);
  await page.end('It was stopped.');
  await shows('#notice', 'The demo has ended: It was stopped.');
  await shows('#connection', 'Connection lost, reconnecting');
  await counts('button:disabled', 5);
  viewer = handFed();
  viewer.arrive(declined('two', 'bbbbbbbb-2'));
  page = await servePage(viewer, Number(port), panel);
  ready(controls());
  await shows('#connection', 'Live');
  await counts('[data-trace="bbbbbbbb-2"]', 1);
  await counts(ROW, 1);
  await counts('button:disabled', 0);
  expect(await texts(tab, '#notice')).toEqual(['']);
});

test('the theme follows the system until the user chooses one, which is stored', async () => {
  const paper = () => tab.evaluate(`getComputedStyle(document.body).backgroundColor`) as Promise<string>;
  await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
  await open();
  expect(await paper()).toBe('rgb(15, 20, 25)');
  expect(await tab.evaluate(`document.getElementById('theme').ariaPressed`)).toBe('true');
  await tab.click('#theme');
  expect(await paper()).toBe('rgb(246, 247, 249)');
  await tab.reload();
  expect(await paper()).toBe('rgb(246, 247, 249)');
  expect(await tab.evaluate(`document.getElementById('theme').ariaPressed`)).toBe('false');
});

test('a narrow screen needs no horizontal scrolling', async () => {
  viewer.arrive([
    ...paidTogether(),
    ...changed(declined('two', 'bbbbbbbb-9'), 'two-failed', { name: 'x'.repeat(200) }),
  ]);
  await open();
  for (const width of [400, 320]) {
    await tab.setViewport({ width, height: 800 });
    await tab.click('[data-trace="bbbbbbbb-9"]');
    await counts('[data-span="two-failed"]', 1);
    await tab.click('[data-span="two-failed"]');
    await until(tab, `document.querySelector('.span') !== null`);
    const tooWide = `[...document.querySelectorAll('body *')]
      .filter(one => one.getBoundingClientRect().right > ${width} && one.closest('.hops, .visually-hidden, .plot') === null)
      .map(one => one.outerHTML.slice(0, 120))`;
    expect(await tab.evaluate(tooWide)).toEqual([]);
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
  }
});
