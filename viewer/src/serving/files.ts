import { readFile, readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { dirname, extname, join } from 'node:path';

const PAGE = join(__dirname, '..', '..', 'page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};
/** The libraries for charts and graph layout come from the installed packages, so the page needs no network. */
const VENDOR: Readonly<Record<string, string>> = {
  '/vendor/uplot.js': require.resolve('uplot/dist/uPlot.iife.min.js'),
  '/vendor/uplot.css': require.resolve('uplot/dist/uPlot.min.css'),
  // `require.resolve` finds only the CommonJS file. The ES module is in the same folder.
  '/vendor/dagre.js': join(dirname(require.resolve('@dagrejs/dagre')), 'dagre.esm.js'),
};

/** The page may load only resources of this server. Other pages must not show it in a frame. */
const POLICY =
  "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Sends a file of the page, or a file in `more`, which maps request paths to files.
 *
 * @returns false if the path has no file
 */
export async function sendFile(
  path: string,
  response: ServerResponse,
  more: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const file = more[path] ?? VENDOR[path] ?? (await pageFiles()).get(path);
  if (file === undefined) return false;
  response
    .writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .end(await readFile(file));
  return true;
}

/** Maps request paths to files. Only these files are served, so a path with `..` cannot reach other files. */
async function pageFiles(): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(PAGE)).filter(name => extname(name) in TYPES);
  return new Map([
    ['/', join(PAGE, 'index.html')],
    ...names.map(name => [`/${name}`, join(PAGE, name)] as const),
  ]);
}
