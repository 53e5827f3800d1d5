import { texts, until } from '../../support/browser';
import { layoutProblems } from './layout-problems';
import { openPageForEachTest } from './opened-page';
import { failedTrace, shopUpdate, summary } from './shop';

/** The panel of the demo on the page. */
const opened = openPageForEachTest();
const { open, shows, counts } = opened;

const running = (speed = 'full') => ({
  state: { phase: 'running' as const, panel: true, panelState: { speed } },
});

test('the buttons are disabled until the services are ready, and while the connection is lost', async () => {
  opened.page.send({ state: { phase: 'starting', panel: true, panelState: { speed: 'full' } } });
  await open();
  await shows('#welcome', 'The services are starting');
  await counts('#panel button:disabled', 5);
  opened.page.send(running());
  await counts('#panel button:enabled', 5);
  await until(opened.tab, `document.getElementById('welcome-help').hidden`);
  await opened.page.close();
  await counts('#panel button:disabled', 5);
});

test('a placed order opens its trace as soon as the trace has a span with its key', async () => {
  const requests: unknown[] = [];
  opened.page.command((path, body) => {
    requests.push([path, body]);
    return Promise.resolve({ order: 'order-7' });
  });
  opened.page.trace('new', failedTrace('new'));
  opened.page.send({ ...shopUpdate(), ...running() });
  await open();
  await counts('#panel button:enabled', 5);
  await opened.tab.click('#one');
  await shows('#status', 'Order placed');
  expect(requests).toEqual([['/orders', { count: 1, card: 'accepted' }]]);
  opened.page.list([summary('other', { keys: ['order-70'] }), summary('new', { keys: ['order-7'] })]);
  opened.page.send({ changed: ['new'] });
  await until(opened.tab, `location.hash === '#/traces/new'`);
  expect(opened.page.queries.at(-1)?.get('text')).toBe('order-7');
  expect(opened.problems).toEqual({ errors: [], externalRequests: [] });
});

test('the buttons for the speed say which service they slow down and by how much', async () => {
  opened.page.command((_, body) => {
    opened.page.send(running((body as { speed: string }).speed));
    return Promise.resolve({});
  });
  opened.page.send(running());
  await open();
  await counts('#panel button:enabled', 5);
  expect(await texts(opened.tab, '#panel [aria-label="Speed of payment-worker"]')).toEqual([
    expect.stringMatching(/^payment-worker\s+Full speed\s+Slow: 250 ms more per payment$/),
  ]);
  await opened.tab.click('#slow');
  await shows('#status', 'payment-worker needs 250 ms more per payment');
  await until(opened.tab, `document.getElementById('slow').ariaPressed === 'true'`);
  expect(await texts(opened.tab, '#panel [aria-pressed=true]')).toEqual(['Slow: 250 ms more per payment']);
});

test('a failed request shows its error, and the button can be used again', async () => {
  opened.page.command(() => Promise.reject(new Error('order-api answered 503')));
  opened.page.send(running());
  await open();
  await counts('#panel button:enabled', 5);
  await opened.tab.click('#one');
  await shows('#status', 'Request failed: Error: order-api answered 503');
  await until(opened.tab, `document.getElementById('one').ariaBusy === null`);
});

test.each([1600, 400])('nothing overlaps at a width of %d pixels', async width => {
  await opened.tab.setViewport({ width, height: 900 });
  opened.page.send({ ...shopUpdate(), ...running() });
  await open();
  await counts('#panel button:enabled', 5);
  expect(await layoutProblems(opened.tab)).toEqual([]);
});
