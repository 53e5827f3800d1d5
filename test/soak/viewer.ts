// `npm run test:soak:viewer [-- --spans=N]` sends a million spans to a viewer with an open page. The heap of the viewer
// is limited, so it would crash if it stored too many spans.
import { parseArgs } from 'node:util';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { SingleBar } from 'cli-progress';
import { provenance, writeFigures } from '../../scripts/figures';
import { startProgram } from '../support/program';
import type { ViewerCost } from './programs/viewer';
import { makeRequests, SPANS_PER_REQUEST } from './viewer-spans';

const MILLION = 1_000_000;
/** A tenth of the memory that a million spans would need. */
const HEAP_LIMIT_MB = 160;
/** The README of the viewer promises "about 50 MB". */
const GROWTH_LIMIT_MB = 75;
/** The viewer must process 2,000 spans per second on one core, also on slower machines. */
const SPANS_PER_SECOND = 4 * 2_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { spans: { type: 'string', default: String(MILLION) } } });
  const requests = Math.ceil(Number(values.spans) / SPANS_PER_REQUEST);
  if (!(requests >= 200)) throw new Error(`--spans=${values.spans}: expected at least 102400`);
  const viewer = startProgram({
    file: 'test/soak/programs/viewer.ts',
    execArgv: [`--max-old-space-size=${HEAP_LIMIT_MB}`, '--expose-gc', '--require', 'tsx/cjs'],
  });
  const [url = ''] = await viewer.line(/^http:.*$/);
  const page = await readPage(url);
  const requestOf = makeRequests();
  const bar = new SingleBar({ format: '{bar} {value} of {total} requests, {eta_formatted}' });
  bar.start(requests, 0);
  try {
    for (let number = 0; number < requests; number++) {
      await send(url, requestOf(number));
      bar.update(number + 1);
    }
  } finally {
    bar.stop();
  }
  viewer.send('end');
  const cost = JSON.parse((await viewer.line(/^\{.*\}$/))[0]) as ViewerCost;
  page.abort();
  await viewer.exit;

  const sent = requests * SPANS_PER_REQUEST;
  const rate = Math.round(sent / cost.seconds);
  const figures = `${whole(sent)} spans over HTTP (protobuf, gzip), with one open page, took ${cost.seconds.toFixed(1)} s of CPU time: ${whole(rate)} spans a second on one core. ${whole(cost.spans)} spans were stored at the end, and the heap had grown by ${megabytes(cost.grownBytes)} MB. ${provenance()}.`;
  process.stdout.write(`${figures}\n`);
  const faults = [
    ...(cost.grownBytes > GROWTH_LIMIT_MB * 2 ** 20
      ? [`the heap grew by more than ${GROWTH_LIMIT_MB} MB`]
      : []),
    ...(rate < SPANS_PER_SECOND ? [`less than ${whole(SPANS_PER_SECOND)} spans per second of CPU time`] : []),
    ...(cost.spans > 50_000 || cost.spans < 45_000
      ? [`stored ${whole(cost.spans)} spans, not up to 50,000`]
      : []),
  ];
  for (const fault of faults) process.stderr.write(`✖ ${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
  else if (sent >= MILLION) process.stdout.write(`${writeFigures('viewer/README.md', 'soak', figures)}\n`);
}

const zip = promisify(gzip);

async function send(url: string, body: Uint8Array): Promise<void> {
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
    body: new Uint8Array(await zip(body, { level: 1 })),
  });
  if (!response.ok) throw new Error(`the viewer answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

/** Opens the stream of updates for the page and reads it as fast as it arrives. */
async function readPage(url: string): Promise<AbortController> {
  const controller = new AbortController();
  const { body } = await fetch(`${url}/events`, { signal: controller.signal });
  body?.pipeTo(new WritableStream()).catch(() => undefined);
  return controller;
}

const whole = (count: number): string => count.toLocaleString('en');
const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
