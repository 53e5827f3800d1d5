// Runs the viewer with one open page. When a line arrives on stdin, prints the used CPU time and the memory, and exits.
import { createInterface } from 'node:readline';
import { servePage } from '../../../viewer/src/serving';
import { Store } from '../../../viewer/src/store';

export interface ViewerCost {
  /** CPU time since the start of the server. */
  readonly seconds: number;
  /** Used heap after a garbage collection, and its growth since the start. */
  readonly heapBytes: number;
  readonly grownBytes: number;
  readonly spans: number;
  readonly removedTraces: number;
}

function heapInUse(): number {
  if (!global.gc) throw new Error('start this program with --expose-gc');
  global.gc();
  return process.memoryUsage().heapUsed;
}

async function main(): Promise<void> {
  const store = new Store();
  const page = await servePage(store, 0);
  page.ready();
  const before = heapInUse();
  const cpu = process.cpuUsage();
  createInterface({ input: process.stdin }).once('line', () => {
    const { user, system } = process.cpuUsage(cpu);
    const heapBytes = heapInUse();
    const cost: ViewerCost = {
      seconds: (user + system) / 1e6,
      heapBytes,
      grownBytes: heapBytes - before,
      spans: store.traces.spanCount,
      removedTraces: store.traces.removedCount,
    };
    process.stdout.write(`${JSON.stringify(cost)}\n`, () => process.exit());
  });
  process.stdout.write(`${page.url}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
