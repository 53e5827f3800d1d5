import { texts, until } from '../../support/browser';
import { layoutProblems } from './layout-problems';
import { LOOKS, openPageForEachTest } from './opened-page';
import { failedTrace, shopUpdate } from './shop';

const opened = openPageForEachTest();
const { open, shows, counts, focusOn } = opened;

const SPAN = '.waterfall [role=option]';

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
const box = (selector: string) =>
  opened.tab.evaluate(
    `(({ left, right, top, bottom }) => ({ left, right, top, bottom }))(document.querySelector('${selector}').getBoundingClientRect())`,
  ) as Promise<Box>;

async function openTrace(fragment = '#/traces/failed'): Promise<void> {
  opened.page.trace('failed', failedTrace());
  opened.page.send(shopUpdate());
  await open(fragment);
  await counts(SPAN, 4);
}

test('spans are grouped by service, with arrows from service to service', async () => {
  await openTrace();
  expect(await texts(opened.tab, '.lane-title')).toEqual(['order-api', 'payment-worker', 'receipt-mailer']);
  expect(await texts(opened.tab, `${SPAN} .name`)).toEqual([
    'POST /orders',
    'send orders',
    'process orders',
    'process receipts',
  ]);
  await counts('.hops .hop', 1);
  expect(await texts(opened.tab, '#trace-title')).toEqual(['POST /orders']);
  expect(await texts(opened.tab, '.trace .id')).toEqual(['failed']);
});

test('the time that a message waits in its topic is drawn before the bar of the consumer, in scale', async () => {
  await openTrace();
  const [wait, bar, send] = [
    await box('[data-span=process] .wait'),
    await box('[data-span=process] .bar'),
    await box('[data-span=send] .bar'),
  ];
  expect(Math.abs(wait.right - bar.left)).toBeLessThan(1.5);
  // The wait starts when the send ends.
  expect(Math.abs(wait.left - send.right)).toBeLessThan(1.5);
  expect((wait.right - wait.left) / (bar.right - bar.left)).toBeCloseTo(50 / 42.4, 1);
  await shows('[data-span=process] .number', 'after 50.0 ms in the topic');
  expect(await texts(opened.tab, '.signs li')).toContain('time of a message in its topic');
});

test('the last label of the time axis does not leave the drawing', async () => {
  await openTrace();
  const [label, axis] = [await box('.axis span:last-child'), await box('.axis')];
  expect(label.right).toBeLessThanOrEqual(axis.right + 1);
});

test('the details of a failed span have its exception, log records, links and attributes', async () => {
  await openTrace();
  await opened.tab.click(`${SPAN}.failed`);
  await shows('.span h3', 'process orders');
  const [details = ''] = await texts(opened.tab, '.span');
  expect(details).toContain('✖ card declined for lamp');
  expect(details).toContain('after 50.0 ms in the topic');
  expect(details).toContain('Event: exception at 104.0 ms');
  expect(details).toMatch(/exception\.type\s+Error/);
  expect(details).toMatch(/messaging\.kafka\.offset\s+7/);
  expect(details).toMatch(/INFO\s+charging the card\s+order\s+one/);
  expect(details).toMatch(/service\.name\s+payment-worker/);
  expect(details).toContain('82 more links');
  await counts('.span .part > ul a', 6);
  await opened.tab.click('#more-links summary');
  await until(opened.tab, `document.querySelector('#more-links a').checkVisibility()`);
  await opened.tab.click('.span .close');
  await counts('.span', 0);
  await focusOn('[data-span=process]');
});

test('log records of the trace are listed in order of time, each with its span', async () => {
  await openTrace();
  expect(await texts(opened.tab, '#logs summary')).toEqual(['3 log records']);
  expect((await texts(opened.tab, '#logs li')).map(row => row.replaceAll(/\s+/g, ' '))).toEqual([
    '1.0 ms INFO order received',
    '70.0 ms INFO charging the card process orders',
    '103.0 ms ERROR {"code":"declined"} process orders',
  ]);
  await opened.tab.click('#logs a');
  await shows('.span h3', 'process orders');
  await counts('[data-span=process] .log-mark', 2);
});

test('a link to many traces leads to each of them, and back', async () => {
  opened.page.trace('order0-trace', {
    ...failedTrace('order0-trace'),
    spans: [
      {
        ...failedTrace().spans[1],
        linkedFrom: [
          { traceId: 'failed', spanId: 'process', name: 'process orders', service: 'payment-worker' },
        ],
      },
    ],
  });
  await openTrace();
  expect(await texts(opened.tab, '.linked-traces summary')).toEqual([
    'Links to 88 traces',
    'Linked from 1 trace',
  ]);
  await opened.tab.click('#linked-to summary');
  await counts('#linked-to a', 80);
  await shows('#linked-to', 'not stored');
  await opened.tab.click('#linked-to a');
  await shows('.trace .id', 'order0-trace');
  await shows('.span h3', 'send orders');
  await opened.tab.click('#linked-from a');
  await shows('.trace .id', 'failed');
  await shows('.span h3', 'process orders');
  await opened.tab.goBack();
  await shows('.trace .id', 'order0-trace');
});

test('a trace grows while it is shown, and keeps the focus', async () => {
  const { spans, ...rest } = failedTrace();
  opened.page.trace('failed', { ...rest, spans: spans.slice(0, 2) });
  opened.page.send(shopUpdate());
  await open('#/traces/failed');
  await counts(SPAN, 2);
  await opened.tab.focus(`${SPAN}[data-span="send"]`);
  opened.page.trace('failed', failedTrace());
  opened.page.send({ changed: ['failed'] });
  await counts(SPAN, 4);
  await focusOn('[data-span="send"]');
});

test('a trace that is no longer stored shows a message', async () => {
  opened.page.send(shopUpdate());
  await open('#/traces/gone');
  await shows('#trace-place', 'no longer stored');
  await opened.tab.click('#back');
  await until(opened.tab, `location.hash === '#/traces'`);
});

test('HTML in attributes, log records and exceptions is shown as text', async () => {
  const name = '<img src=x onerror=document.title="taken">';
  const view = failedTrace();
  opened.page.trace('failed', {
    ...view,
    spans: view.spans.map(span => ({
      ...span,
      name,
      attributes: { [name]: name },
      logs: [{ at: 1, severity: name, body: name, attributes: { [name]: name } }],
    })),
  });
  opened.page.send(shopUpdate());
  await open('#/traces/failed/process');
  await shows('.span', name);
  expect(await texts(opened.tab, '.span dt')).toContain(name);
  await shows('#logs', name);
  await shows('[data-span=process] .name', name);
  expect(await opened.tab.title()).toBe('Kafka, traced live');
  expect(opened.problems.errors).toEqual([]);
});

test.each(LOOKS)(
  'nothing overlaps on a trace at a width of %d pixels in the %s theme',
  async (width, theme) => {
    await opened.look(width, theme);
    await openTrace('#/traces/failed/process');
    await counts('.span', 1);
    expect(await layoutProblems(opened.tab)).toEqual([]);
  },
);
