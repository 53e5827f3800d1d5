// Finds the packages of a benchmark process: in the installation that BENCH_MODULES names, or in this repository.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

/** Resolves a package from the folder BENCH_MODULES. */
const load = createRequire(join(process.env.BENCH_MODULES ?? root, 'sample.js'));

/** Loads the measured build of this package. */
const ours = () => load(process.env.BENCH_OURS ?? join(root, 'dist'));

module.exports = { load, ours };
