import type { Browser, Page as Tab } from 'puppeteer-core';
import { startBrowser, until, watchPage, type PageProblems } from '../../support/browser';
import { serveFedPage, type FedPage } from './fed-page';

/** The page of the viewer in a browser, with data from the test. Every test gets a new tab and new data. */
export interface OpenedPage {
  /** A test may replace the server. */
  page: FedPage;
  readonly tab: Tab;
  readonly problems: PageProblems;
  /** Sets width and theme. */
  readonly look: (width: number, theme: 'light' | 'dark') => Promise<void>;
  /** Opens a part of the page, and waits until it has its first data. */
  readonly open: (fragment?: string) => Promise<void>;
  /** Waits until the element shows the text. */
  readonly shows: (selector: string, text: string) => Promise<void>;
  /** Waits until this number of elements match. */
  readonly counts: (selector: string, count: number) => Promise<void>;
  /** Waits until the focused element matches. */
  readonly focusOn: (selector: string) => Promise<void>;
}

/** Widths and themes in which nothing may overlap. */
export const LOOKS = [
  [1600, 'light'],
  [1600, 'dark'],
  [400, 'light'],
  [400, 'dark'],
] as const;

const WIDTH = 1280;
const HEIGHT = 900;

/** Registers jest hooks that open the page. The fields of the result always belong to the current test. */
export function openPageForEachTest(): OpenedPage {
  let browser: Browser;
  const current = {} as { page: FedPage; tab: Tab; problems: PageProblems };
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    current.page = await serveFedPage();
    const context = await browser.createBrowserContext();
    current.tab = await context.newPage();
    await current.tab.setViewport({ width: WIDTH, height: HEIGHT });
    current.problems = watchPage(current.tab, current.page.url);
  });
  afterEach(async () => {
    await current.tab.browserContext().close();
    await current.page.close();
  });
  return Object.assign(current, {
    look: async (width: number, theme: string) => {
      await current.tab.setViewport({ width, height: HEIGHT });
      await current.tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    },
    open: async (fragment = '') => {
      await current.tab.goto(`${current.page.url}/${fragment}`);
      await until(current.tab, `document.getElementById('connection').innerText !== 'Connecting …'`);
    },
    shows: (selector: string, text: string) =>
      until(
        current.tab,
        // SVG elements have no innerText.
        `(one => one?.innerText ?? one?.textContent ?? '')(document.querySelector(${JSON.stringify(selector)})).includes(${JSON.stringify(text)})`,
      ),
    counts: (selector: string, count: number) =>
      until(current.tab, `document.querySelectorAll(${JSON.stringify(selector)}).length === ${count}`),
    focusOn: (selector: string) =>
      until(current.tab, `document.activeElement.matches(${JSON.stringify(selector)}) === true`),
  });
}
