const Sequencer = require('@jest/test-sequencer').default;

/** The slowest test files. Without timings of an earlier run, jest orders files by size and could start a slow one last. */
const SLOWEST = [
  'loaders/bundles',
  'vendors/beside',
  'demo-page',
  'containers/image',
  'cost/official',
  'examples/http-kafka-sql-esm',
  'demo',
  'register/boot',
  'internal-failures/rounds',
  'fault-injection/brokers',
  'fault-injection/programs',
  'dashboards/dashboards',
  'packed/packed',
  'compat/diagonal',
  'register/exit',
  'broker',
].map(name => `/test/e2e/${name}.test.ts`);

/** Orders test files as jest does, but with the slowest ones first. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const ordered = super.sort(tests);
    const slowest = SLOWEST.flatMap(name =>
      ordered.filter(({ path }) => path.replaceAll('\\', '/').endsWith(name)),
    );
    return [...new Set([...slowest, ...ordered])];
  }
};
