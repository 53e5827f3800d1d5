import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { findChromium } from './chromium';

/** Starts Chromium without a window. */
export function startBrowser(): Promise<Browser> {
  // Chromium's sandbox does not work for the root user, as in most containers, nor on GitHub's runners: since 24.04, Ubuntu allows it
  // only for programs with an AppArmor profile. The tested page is trusted.
  const hasSandbox = process.getuid?.() !== 0 && process.env['CI'] === undefined;
  return puppeteer.launch({
    executablePath: findChromium(),
    args: ['--disable-dev-shm-usage', '--hide-scrollbars', ...(hasSandbox ? [] : ['--no-sandbox'])],
  });
}

/** Problems that a test forbids on a page. */
export interface PageProblems {
  /** Errors and warnings on the console, and uncaught exceptions. */
  readonly errors: string[];
  /** Requested URLs that belong to another server. */
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

/** Waits until an expression is true in the page. On a timeout, the error shows the text of the page. */
export async function until(page: Page, expression: string, deadlineMs = DEADLINE_MS): Promise<void> {
  // Puppeteer stops polling if the first evaluation throws, for example because an element does not exist yet.
  const probe = `(() => { try { return ${expression}; } catch { return false; } })()`;
  try {
    await page.waitForFunction(probe, { timeout: deadlineMs, polling: 50 });
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

/** Returns the visible text of each element that matches the selector. */
export async function texts(page: Page, selector: string): Promise<string[]> {
  return (await page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map(found => found.innerText)`,
  )) as string[];
}
