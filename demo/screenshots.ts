// `npm run screenshots` takes pictures of the demo for the README: the map and a trace, with the light and the dark
// theme.
import { mkdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Page } from 'puppeteer-core';
import { startBrowser, until } from '../test/support/browser';
import { projectRoot, startProgram } from '../test/support/program';

const WIDTH = 1280;
const MAX_BYTES = 200_000;
const STARTED_WITHIN_MS = 300_000;

/** Height of the page in the picture, in pixels. */
const HEIGHTS = { map: 745, trace: 580 };

const lag = `Number.parseFloat(document.querySelector('#overview [data-series^="lag payment-worker"] b')?.textContent.replace(',', ''))`;
const spans = (count: number) => `document.querySelectorAll('.waterfall [role=option]').length === ${count}`;

async function takePictures(page: Page, what: keyof typeof HEIGHTS): Promise<void> {
  await page.setViewport({ width: WIDTH, height: HEIGHTS[what] });
  for (const theme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    await until(
      page,
      `document.getElementById('theme').innerText === '${theme === 'dark' ? 'Light' : 'Dark'} theme'`,
    );
    // The page redraws the charts one frame after a change of the theme.
    await page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const folder = join(projectRoot, 'docs', 'images');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `demo-${what}-${theme}.png`);
    await page.screenshot({ path: file });
    const { size } = statSync(file);
    if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes; the limit is ${MAX_BYTES}`);
    process.stdout.write(`${relative(projectRoot, file)}  ${Math.round(size / 1000)} kB\n`);
  }
}

/** Takes pictures of the map while there is traffic and the lag falls, and then of the trace of one order. */
async function takeAll(page: Page): Promise<void> {
  await until(page, `document.querySelectorAll('.map .box').length === 6`);
  await page.click('#failing');
  await until(page, spans(5));
  await page.click('#views a[href="#/map"]');
  await page.click('#slow');
  await until(page, `${lag} >= 250`, 120_000);
  await page.click('#full');
  await until(page, `${lag} <= 150`, 60_000);
  await takePictures(page, 'map');
  await until(page, `${lag} === 0`, 60_000);
  // Place only one order. With more orders, the receipt could be in a batch with other receipts.
  await page.click('#one');
  await until(page, spans(6));
  await takePictures(page, 'trace');
}

async function main(): Promise<void> {
  process.stderr.write('Starting the demo …\n');
  const demo = startProgram({
    file: join('node_modules', 'tsx', 'dist', 'cli.mjs'),
    args: [join('demo', 'main.ts'), '--keep'],
  });
  try {
    const [url] = await demo.line(/^ {2}http:\S+:\d+$/, STARTED_WITHIN_MS);
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.setViewport({ width: WIDTH, height: HEIGHTS.map });
      await page.goto(url.trim());
      await takeAll(page);
    } finally {
      await browser.close();
    }
  } finally {
    demo.kill('SIGINT');
    await demo.exit;
  }
}

void main().catch((error: unknown) => {
  process.stderr.write(`Screenshots failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
