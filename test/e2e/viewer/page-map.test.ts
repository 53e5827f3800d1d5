import { texts, until } from '../../support/browser';
import { layoutProblems } from './layout-problems';
import { openPageForEachTest } from './opened-page';
import { bigMap, chainMap, shopMap, shopUpdate, summary, twelveMap } from './shop';

const opened = openPageForEachTest();
const { open, shows, counts, focusOn } = opened;

const places = () =>
  opened.tab.evaluate(
    `[...document.querySelectorAll('.map [data-node]')].map(box => [box.dataset.node, box.getAttribute('transform')])`,
  );
const arrow = (from: string, to: string) => `.map [data-edge="${from} ${to}"]`;
const focus = (selector: string) =>
  opened.tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
const hash = () => opened.tab.evaluate('location.hash');

test('the map has a box per service and topic, groups in the box of their service, and figures on the arrows', async () => {
  opened.page.send(shopUpdate());
  await open();
  await counts('.map .box.service', 3);
  const names = (await opened.tab.evaluate(
    `[...document.querySelectorAll('.map .name')].map(name => name.textContent)`,
  )) as string[];
  expect(names.sort()).toEqual([
    'order-api',
    'orders',
    'orders-dead-letters',
    'payment-worker',
    'receipt-mailer',
    'receipts',
  ]);
  await counts('.map [data-node="service:payment-worker"] [data-node="group:payments"]', 1);
  await counts('.map .figures', 5);
  const receive = arrow('topic:orders', 'group:payments');
  expect(await opened.tab.evaluate(`document.querySelector('${receive}').textContent`)).toContain(
    '31 /s ✖ 3 lag 112 · 2.4 s',
  );
  expect(await opened.tab.evaluate(`document.querySelector('${receive}').ariaLabel`)).toBe(
    '31 /s ✖ 3 lag 112 · 2.4 s. topic orders is read by group payments, 1,191 messages in total, 3 errors, ' +
      '112 messages behind, the oldest is 2.4 s old. Show these traces',
  );
  expect(await texts(opened.tab, '#totals dd')).toEqual(['66 /s', '61 /s', '112', '2.4 s', '3']);
  expect(opened.problems).toEqual({ errors: [], externalRequests: [] });
});

test('the table of the map has the exact totals of every arrow', async () => {
  opened.page.send(shopUpdate());
  await open('#/map');
  await opened.tab.click('#map-content summary');
  expect((await texts(opened.tab, '#map-table tbody tr')).map(row => row.split('\t'))).toContainEqual([
    'topic orders',
    'group payments',
    '31',
    '1,191',
    '3',
    '112',
    '2.4 s',
  ]);
  await opened.tab.evaluate(
    `[...document.querySelectorAll('#map-table a')].find(link => link.textContent === 'group payments').click()`,
  );
  await until(opened.tab, `location.hash === '#/traces?topic=orders&group=payments'`);
});

test.each([
  ['a service', '.map [data-node="service:order-api"] a', '#/traces?service=order-api'],
  ['a topic', '.map [data-node="topic:orders"] a', '#/traces?topic=orders'],
  ['a group', '.map a[data-node="group:payments"]', '#/traces?group=payments'],
  ['a send', arrow('service:order-api', 'topic:orders'), '#/traces?service=order-api&topic=orders'],
  ['a receive', arrow('topic:orders', 'group:payments'), '#/traces?topic=orders&group=payments'],
])('a click on %s shows its traces', async (_, selector, expected) => {
  opened.page.send(shopUpdate());
  await open();
  await counts(selector, 1);
  await opened.tab.click(selector);
  await until(opened.tab, `location.hash === '${expected}'`);
  await shows('#list-title', 'Traces');
  await opened.tab.goBack();
  await until(opened.tab, `document.querySelector('.map').checkVisibility()`);
});

test('boxes and figures of the map can be reached and opened by keyboard', async () => {
  opened.page.send(shopUpdate());
  await open('#/map');
  await counts('.map .box', 6);
  await focus('.map [data-node="topic:receipts"] a');
  await opened.tab.keyboard.press('Enter');
  await until(opened.tab, `location.hash === '#/traces?topic=receipts'`);
});

test('the map does not move, and keeps the focus, when figures change', async () => {
  opened.page.send(shopUpdate());
  await open();
  await counts('.map .box', 6);
  await focus('.map [data-node="topic:orders"] a');
  const before = await places();
  opened.page.send({ map: shopMap({ rate: 90_000, errors: 40_000, lag: 1_234_567, timeLag: 90_000 }) });
  await shows('.map', 'lag 1.2M · 25.0 h');
  expect(await places()).toEqual(before);
  await focusOn('.map [data-node="topic:orders"] a');
  const { nodes, edges } = shopMap();
  opened.page.send({ map: { nodes: [...nodes].reverse(), edges: [...edges].reverse() } });
  await shows('.map', 'lag 112');
  expect(await places()).toEqual(before);
  opened.page.send({ map: bigMap() });
  await shows('.map', 'web-shop');
  await focusOn('.map [data-node="topic:orders"] a');
});

test('a group that two services run has a box of its own', async () => {
  opened.page.send({ map: bigMap() });
  await open();
  await counts('.map .box.group', 1);
  await shows('.map .box.group', 'audit');
  await counts(arrow('group:audit', 'service:fraud-detection'), 1);
});

test.each([1280, 1600])(
  'a long chain of services is visible as a whole at a width of %d pixels',
  async width => {
    await opened.tab.setViewport({ width, height: 900 });
    opened.page.send({ map: chainMap() });
    await open('#/map');
    await counts('.map .box', 11);
    const frame = `document.getElementById('map-frame')`;
    expect(await opened.tab.evaluate(`${frame}.scrollWidth <= ${frame}.clientWidth`)).toBe(true);
    expect(await opened.tab.evaluate(`document.getElementById('map-hint').checkVisibility()`)).toBe(false);
    expect(await layoutProblems(opened.tab)).toEqual([]);
  },
);

test('a map of twelve boxes fits a phone as a whole, with all its texts', async () => {
  await opened.tab.setViewport({ width: 400, height: 900 });
  opened.page.send({ map: twelveMap() });
  await open('#/map');
  await counts('.map .box', 12);
  const cutOff = await opened.tab.evaluate(
    `(frame => [...document.querySelectorAll('.map text')].filter(text => {
      const { left, right } = text.getBoundingClientRect();
      return left < frame.left - 1 || right > frame.right + 1;
    }).map(text => text.textContent))(document.getElementById('map-frame').getBoundingClientRect())`,
  );
  expect(cutOff).toEqual([]);
  expect(await opened.tab.evaluate(`document.getElementById('map-hint').checkVisibility()`)).toBe(false);
});

test('a map that is too wide for a phone says that it scrolls', async () => {
  await opened.tab.setViewport({ width: 400, height: 900 });
  opened.page.send({ map: bigMap() });
  await open('#/map');
  await shows('#map-hint', 'scroll it sideways');
  opened.page.send({ map: shopMap() });
  await until(opened.tab, `!document.getElementById('map-hint').checkVisibility()`);
});

test('arrows with traffic move, unless the user wants less motion', async () => {
  opened.page.send(shopUpdate());
  await open();
  await counts('.map .arrow.active', 4);
  const animations = `document.getAnimations().filter(one => one.animationName === 'flow').length`;
  await until(opened.tab, `${animations} === 4`);
  await opened.tab.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await until(opened.tab, `${animations} === 0`);
});

test.each([
  [1600, 'small', shopMap()],
  [1280, 'small', shopMap()],
  [400, 'small', shopMap()],
  [1600, 'big', bigMap()],
  [400, 'big', bigMap()],
  [400, 'medium', twelveMap()],
])('nothing overlaps at a width of %d pixels on a %s map', async (width, _, map) => {
  await opened.tab.setViewport({ width, height: 900 });
  opened.page.list([summary('one')]);
  opened.page.send(shopUpdate({ map }));
  await open('#/map');
  await until(opened.tab, `document.querySelectorAll('.map .box').length >= 6`);
  await opened.tab.click('#map-content summary');
  expect(await layoutProblems(opened.tab)).toEqual([]);
  expect(await hash()).toBe('#/map');
});
