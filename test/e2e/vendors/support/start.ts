import { projectRoot, registerPath, startProgram, type Program } from '../../../support/program';
import { vendorFolder, type Vendor } from '../../../support/vendors';
import { brokerEnvironment } from '../../loading/support/topics';

/** Whether the vendor's package is preloaded before this one, after it, or alone. */
export type Order = 'before' | 'after' | 'alone';

export interface StartOptions {
  readonly vendor: Vendor;
  readonly order: Order;
  readonly topic: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program that sends two messages, handles them and ends by itself. */
export function start({ vendor, order, topic, env }: StartOptions): Program {
  const fixture = vendor.replace(/^@|@[\d.]+$/g, '').replace('/', '-');
  const theirs = `${projectRoot}/fixtures/vendors/${fixture}.cjs`;
  const preloads = { before: [theirs, registerPath], after: [registerPath, theirs], alone: [theirs] };
  return startProgram({
    file: 'fixtures/vendors/works.cjs',
    execArgv: preloads[order].flatMap(file => ['--require', file]),
    env: {
      ...brokerEnvironment,
      VENDOR: vendorFolder(vendor),
      TOPIC: topic,
      // kafkajs sets timers of negative length, which newer Node.js mentions.
      NODE_NO_WARNINGS: '1',
      ...env,
    },
  });
}
