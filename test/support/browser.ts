import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { findChromium } from './chromium';

/** Starts Chromium without a window. */
export function startBrowser(): Promise<Browser> {
  // Chromium's sandbox does not work for root, which is the user in containers. The page under test is trusted.
  const asRoot = process.getuid?.() === 0;
  return puppeteer.launch({
    executablePath: findChromium(),
    args: ['--disable-dev-shm-usage', '--hide-scrollbars', ...(asRoot ? ['--no-sandbox'] : [])],
  });
}

/** What a page must not do. */
export interface PageProblems {
  /** Errors and warnings on the console, and uncaught exceptions. */
  readonly errors: string[];
  /** URLs requested from another server than its own. */
  readonly externalRequests: string[];
}

/** Records the problems of a page. Call it before the page loads anything. */
export function watchPage(page: Page, ownUrl: string): PageProblems {
  const problems: PageProblems = { errors: [], externalRequests: [] };
  page.on('console', message => {
    if (['error', 'warn'].includes(message.type())) problems.errors.push(message.text());
  });
  page.on('pageerror', error => {
    problems.errors.push(String(error));
  });
  page.on('request', request => {
    const url = request.url();
    if (!url.startsWith(ownUrl) && !url.startsWith('data:')) problems.externalRequests.push(url);
  });
  return problems;
}

const DEADLINE_MS = 60_000;

/** Waits until an expression is true in the page; rejects with the text of the page when it takes too long. */
export async function until(page: Page, expression: string, deadlineMs = DEADLINE_MS): Promise<void> {
  try {
    await page.waitForFunction(expression, { timeout: deadlineMs, polling: 50 });
  } catch (error) {
    const text = String(await page.evaluate('document.body.innerText'));
    throw new Error(
      `The page did not satisfy ${expression} within ${deadlineMs} ms; it shows\n${text.slice(-4_000)}`,
      {
        cause: error,
      },
    );
  }
}

/** The visible text of each element that matches a selector. */
export async function texts(page: Page, selector: string): Promise<string[]> {
  return (await page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map(found => found.innerText)`,
  )) as string[];
}
