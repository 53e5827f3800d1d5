import { observe } from './observe';

// What the bench calls the floor is one only if nothing is missing in it.
test.each([
  'send 1',
  'send 100',
  'eachMessage',
  'eachBatch 100 distinct',
  'eachBatch 100 one',
  'eachBatch 1000 distinct',
])('the floor of %s makes the spans and metrics that the instrumentation makes', async path => {
  const floor = await observe(path, 'metrics', 'floor');
  const ours = await observe(path, 'metrics', 'ours');
  expect(floor.spans).not.toHaveLength(0);
  expect(floor.spans).toEqual(ours.spans);
  expect(floor.metrics.filter(({ value }) => value > 0)).toEqual(ours.metrics);
});
