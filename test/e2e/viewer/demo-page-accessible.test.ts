import { readFileSync } from 'node:fs';
import type { Browser } from 'puppeteer-core';
import { DemoPanel } from '../../../demo/commands';
import type { Controls } from '../../../demo/controls';
import { servePage, type Page } from '../../../viewer/src/serving';
import { startBrowser, until } from '../../support/browser';
import { handFed } from '../../unit/viewer/hand-fed';
import { declined, paidTogether } from '../../unit/viewer/story';

let browser: Browser;
let page: Page;
/** Source of axe-core, which checks the WCAG rules that can be tested automatically. */
let axe: string;

const idleControls: Controls = {
  speed: 'full',
  place: () => Promise.resolve('one'),
  setSpeed: () => Promise.resolve(),
  stop: () => undefined,
};

beforeAll(async () => {
  axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  browser = await startBrowser();
  const viewer = handFed();
  viewer.arrive([...paidTogether(), ...declined('three', 'dddddddd-4')]);
  const panel = new DemoPanel();
  panel.controls = idleControls;
  page = await servePage(viewer, 0, panel);
  page.ready();
});

afterAll(async () => {
  await browser.close();
  await page.end('the tests are over');
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 400],
  ['dark', 400],
])(
  'axe finds no violations in the %s theme at a width of %d pixels, with a failed span open',
  async (theme, width) => {
    const tab = await browser.newPage();
    try {
      await tab.setViewport({ width, height: 900 });
      await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      await tab.goto(`${page.url}/#dddddddd-4/three-failed`);
      await until(tab, `document.querySelector('.span') !== null`);
      await tab.evaluate(`document.querySelector('#partitions').open = true`);
      await tab.evaluate(axe);
      const violations = (await tab.evaluate(
        'axe.run().then(({ violations }) => violations)',
      )) as Violation[];
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(node => [id, node.html, node.failureSummary]),
      );
      expect(found).toEqual([]);
    } finally {
      await tab.close();
    }
  },
);
