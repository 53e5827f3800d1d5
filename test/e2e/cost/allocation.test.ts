import { allocatedBy } from './observe';

/**
 * Limits in bytes per message, 50 % above the measured values. This allows differences between Node.js versions, but no
 * extra copy, closure or map entry per message. No garbage collection runs meanwhile, so the load of the machine does
 * not matter.
 */
test.each<[path: string, mode: string, limit: number]>([
  ['send 100', 'none', 300],
  ['send 100', 'metrics', 1200],
  ['eachBatch 1000 one', 'metrics', 1350],
  ['eachBatch 1000 distinct', 'metrics', 4200],
])('%s allocates a bounded number of bytes per message, mode %s', async (path, mode, limit) => {
  const bytes = await allocatedBy(path, mode);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(limit);
});
