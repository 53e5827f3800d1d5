const Sequencer = require('@jest/test-sequencer').default;

/**
 * The slowest test files. Without timings of an earlier run, jest orders test files by size, so a slow test could start
 * last.
 */
const SLOWEST = [
  'internal-failures/rounds',
  'cost/official',
  'loaders/bundles',
  'confluent/loading',
  'fuzz/confluent',
  'vendors/beside',
  'dashboards/dashboards',
  'containers/image',
  'compat/diagonal',
  'flow/unrecorded',
  'doctor/small-programs',
  'packed/packed',
  'viewer/demo-page',
  'loaders/plugin',
  'register/boot',
  'register/failed-exports',
  'fuzz/fuzz',
  'viewer/page-states',
  'sampling/topic-sampler',
  'viewer/page-traces',
  'examples/dead-letter-and-retry',
  'demo',
  'loaders/starts',
  'fault-injection/programs',
  'fault-injection/brokers',
  'cost/allocation',
  'examples/nestjs',
  'examples/http-kafka-sql-esm',
  'register/exit',
  'broker',
].map(name => `/test/e2e/${name}.test.ts`);

/** Keeps jest's order, except that the slowest test files come first. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const ordered = super.sort(tests);
    const slowest = SLOWEST.flatMap(name =>
      ordered.filter(({ path }) => path.replaceAll('\\', '/').endsWith(name)),
    );
    return [...new Set([...slowest, ...ordered])];
  }
};
