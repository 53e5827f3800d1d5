import { allocatedBy } from './observe';

/**
 * What may be allocated for a message, in bytes: half as much again as it is, so that a version of Node.js makes no difference and
 * a copy of each message, a closure for each or a map of them does. Counted in windows without garbage collection, it does
 * not depend on how busy the machine is.
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
