import { startCollector, type Collector } from '../../support/collector';
import { otlpEnvironment, type Program } from '../../support/program';
import { VENDORS, type Vendor } from '../../support/vendors';
import { createTopics } from '../loading/support/topics';
import { start, type Order } from './support/start';

/** A program that does not exit within this time is killed, so its exit has a signal. */
const DEADLINE_MS = 40_000;

let collector: Collector;
beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.close());

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

async function endOf(program: Program): Promise<End> {
  const deadline = setTimeout(() => {
    program.kill('SIGKILL');
  }, DEADLINE_MS);
  const { code, signal } = await program.exit;
  clearTimeout(deadline);
  return { code, signal, stdout: program.stdout };
}

async function run(vendor: Vendor, order: Order, signal?: NodeJS.Signals): Promise<End> {
  const { orders } = await createTopics(['orders']);
  const program = start({
    vendor,
    order,
    topic: orders.name,
    env: { ...otlpEnvironment(collector, { metrics: true }), ...(signal && { WAITS: '1' }) },
  });
  if (signal) {
    await program.line('waiting', DEADLINE_MS);
    program.kill(signal);
  }
  return endOf(program);
}

const ORDERS = ['before', 'after'] as const;

test.each(VENDORS.flatMap(vendor => ORDERS.map(order => ({ vendor, order }))))(
  'a program with $vendor, loaded $order this package, exits as without this package',
  async ({ vendor, order }) => {
    const alone = await run(vendor, 'alone');
    expect(alone).toMatchObject({ code: 0, signal: null });
    expect(await run(vendor, order)).toEqual(alone);
  },
);

const SIGNAL_EXITS = VENDORS.filter(vendor => vendor.startsWith('signal-exit'));

test.each(
  SIGNAL_EXITS.flatMap(vendor =>
    ORDERS.flatMap(order => (['SIGTERM', 'SIGINT'] as const).map(signal => ({ vendor, order, signal }))),
  ),
)(
  'a program with $vendor, loaded $order this package, is ended by $signal as without this package',
  async ({ vendor, order, signal }) => {
    const alone = await run(vendor, 'alone', signal);
    expect(alone).toMatchObject({ code: null, signal });
    expect(await run(vendor, order, signal)).toEqual(alone);
  },
);
