import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { findChromium } from './chromium';

export function startBrowser(): Promise<Browser> {
  // Disable the sandbox where it does not work: for the root user, and on GitHub's runners, where Ubuntu 24.04 allows
  // it only for programs with an AppArmor profile. This is safe, because the tests open only trusted pages.
  const hasSandbox = process.getuid?.() !== 0 && process.env['CI'] === undefined;
  return puppeteer.launch({
    executablePath: findChromium(),
    args: ['--disable-dev-shm-usage', '--hide-scrollbars', ...(hasSandbox ? [] : ['--no-sandbox'])],
  });
}

/** Problems that a page under test must not have. */
export interface PageProblems {
  readonly errors: string[];
  /** Requested URLs of other servers. */
  readonly externalRequests: string[];
}

/** Records the problems of a page. Call this before the page loads anything. */
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

/**
 * Waits until a JavaScript expression is true in the page. After the deadline, the error shows the text of the page.
 */
export async function until(page: Page, expression: string, deadlineMs = DEADLINE_MS): Promise<void> {
  // Catch exceptions, for example of an element that does not exist yet. Puppeteer would stop polling after an
  // exception in the first evaluation.
  const probe = `(() => { try { return ${expression}; } catch { return false; } })()`;
  try {
    await page.waitForFunction(probe, { timeout: deadlineMs, polling: 50 });
  } catch (error) {
    const text = String(await page.evaluate('document.body.innerText'));
    throw new Error(
      `The page did not satisfy ${expression} within ${deadlineMs} ms. The page shows\n${text.slice(-4_000)}`,
      {
        cause: error,
      },
    );
  }
}

export async function texts(page: Page, selector: string): Promise<string[]> {
  return (await page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map(found => found.innerText)`,
  )) as string[];
}
