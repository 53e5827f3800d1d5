// Finds the packages of a benchmark process: in this repository, or in the installation that BENCH_MODULES names.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

/** Loads a package as a program in that folder would. */
const load = createRequire(join(process.env.BENCH_MODULES ?? root, 'sample.js'));

/** Loads the build of this package that is measured. */
const ours = () => load(process.env.BENCH_OURS ?? join(root, 'dist'));

module.exports = { load, ours };
