const Sequencer = require('@jest/test-sequencer').default;

/** The slowest test files. Without timings of an earlier run, jest would order by file size and could start one of them last. */
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

/** As jest orders test files, but the slowest ones come first. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const ordered = super.sort(tests);
    const slowest = SLOWEST.flatMap(name =>
      ordered.filter(({ path }) => path.replaceAll('\\', '/').endsWith(name)),
    );
    return [...new Set([...slowest, ...ordered])];
  }
};
