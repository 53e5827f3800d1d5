import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { findChromium } from './chromium';

/** Starts Chromium without a window. */
export function startBrowser(): Promise<Browser> {
  // Its sandbox refuses to work for root, as whom containers run; what it shows here is our own page.
  const asRoot = process.getuid?.() === 0;
  return puppeteer.launch({
    executablePath: findChromium(),
    args: ['--disable-dev-shm-usage', '--hide-scrollbars', ...(asRoot ? ['--no-sandbox'] : [])],
  });
}

/** What a page did that it must not do. */
export interface Misdeeds {
  /** Errors and warnings on its console, and exceptions nobody caught. */
  readonly complaints: string[];
  /** Addresses outside its own server that it asked for. */
  readonly outside: string[];
}

/** Watches a page from its first request on. */
export function watchPage(page: Page, ownUrl: string): Misdeeds {
  const misdeeds: Misdeeds = { complaints: [], outside: [] };
  page.on('console', message => {
    if (['error', 'warn'].includes(message.type())) misdeeds.complaints.push(message.text());
  });
  page.on('pageerror', error => {
    misdeeds.complaints.push(String(error));
  });
  page.on('request', request => {
    const url = request.url();
    if (!url.startsWith(ownUrl) && !url.startsWith('data:')) misdeeds.outside.push(url);
  });
  return misdeeds;
}

const DEADLINE_MS = 30_000;

/** Waits until an expression is true in the page; fails with what the page shows then. */
export async function until(page: Page, expression: string, deadlineMs = DEADLINE_MS): Promise<void> {
  try {
    await page.waitForFunction(expression, { timeout: deadlineMs, polling: 50 });
  } catch (error) {
    const text = String(await page.evaluate('document.body.innerText'));
    throw new Error(
      `not seen within ${deadlineMs} ms: ${expression}; the page shows\n${text.slice(-4_000)}`,
      {
        cause: error,
      },
    );
  }
}

/** The visible text of each element that a selector finds. */
export async function texts(page: Page, selector: string): Promise<string[]> {
  return (await page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map(found => found.innerText)`,
  )) as string[];
}
