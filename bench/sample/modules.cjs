// Finds the packages of a benchmark process: in the installation that BENCH_MODULES names, or in this repository.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

const load = createRequire(join(process.env.BENCH_MODULES ?? root, 'sample.js'));

/** The build of this package that is measured. */
const ours = () => load(process.env.BENCH_OURS ?? join(root, 'dist'));

module.exports = { load, ours };
