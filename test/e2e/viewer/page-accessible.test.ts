import { readFileSync } from 'node:fs';
import { until } from '../../support/browser';
import { openPageForEachTest } from './opened-page';
import { bigMap, failedTrace, shopUpdate, summary } from './shop';

const opened = openPageForEachTest();

/** The source of axe-core, which checks the WCAG rules that can be tested automatically. */
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const VIEWS = [
  ['#/map', '.map'],
  ['#/traces?root=POST+%2Forders&group=payments', '#trace-list [role=option]'],
  ['#/traces/failed/process', '.span'],
  ['#/consumers', '[data-group]'],
  ['#/metrics', '#charts canvas'],
] as const;

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 400],
  ['dark', 400],
])(
  'axe finds nothing in the %s theme at a width of %d pixels, with everything open',
  async (theme, width) => {
    const { tab, page } = opened;
    await tab.setViewport({ width, height: 900 });
    await tab.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: theme },
      // axe would wait while the dots move.
      { name: 'prefers-reduced-motion', value: 'reduce' },
    ]);
    page.list(
      [summary('failed', { errors: 1 }), summary('other')],
      [
        {
          name: 'POST /orders',
          service: 'order-api',
          count: 2,
          errors: 1,
          p50: 1,
          p95: 2,
          latest: Date.now(),
        },
      ],
    );
    page.trace('failed', failedTrace());
    const check = async (view: string) => {
      await tab.evaluate(`for (const details of document.querySelectorAll('details')) details.open = true`);
      const violations = (await tab.evaluate(
        'axe.run().then(({ violations }) => violations)',
      )) as Violation[];
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(node => [view, id, node.html, node.failureSummary]),
      );
      expect(found).toEqual([]);
    };
    await opened.open();
    await tab.evaluate(axe);
    await check('empty');
    page.send(shopUpdate({ map: bigMap() }));
    for (const [view, part] of VIEWS) {
      await tab.evaluate(`location.hash = '${view}'`);
      await until(tab, `document.querySelector('${part}')?.checkVisibility() === true`);
      await check(view);
    }
  },
);
