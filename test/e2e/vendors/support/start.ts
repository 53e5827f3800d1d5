import {
  projectRoot,
  registerAlone,
  registerPath,
  startProgram,
  type Program,
} from '../../../support/program';
import { nodeOf, vendorFolder, type Vendor } from '../../../support/vendors';
import { brokerEnvironment } from '../../loading/support/topics';

/** Whether the package of the vendor is preloaded before this package, after it, or alone. */
export type Order = 'before' | 'after' | 'alone';

export interface StartOptions {
  readonly vendor: Vendor;
  readonly order: Order;
  readonly topic: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program that sends two messages, handles them and exits by itself. */
export function start({ vendor, order, topic, env }: StartOptions): Program {
  const fixture = vendor.replace(/^@|@[\d.]+$/g, '').replace('/', '-');
  const theirs = `${projectRoot}/fixtures/vendors/${fixture}.cjs`;
  const vendors = ['--require', theirs];
  // For signal-exit, other instrumentations make no difference.
  const ours = vendor.startsWith('signal-exit') ? registerAlone : ['--require', registerPath];
  const preloads = { before: [...vendors, ...ours], after: [...ours, ...vendors], alone: vendors };
  const node = nodeOf(vendor);
  return startProgram({
    ...(node === undefined ? {} : { node }),
    file: 'fixtures/vendors/works.cjs',
    execArgv: preloads[order],
    env: {
      ...brokerEnvironment,
      VENDOR: vendorFolder(vendor),
      TOPIC: topic,
      // Hide warnings about negative timeouts, which kafkajs causes on newer Node.js versions.
      NODE_NO_WARNINGS: '1',
      ...env,
    },
  });
}
