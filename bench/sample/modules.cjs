// Resolves the packages of a sample: from this repository, or from the installation in BENCH_MODULES.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

/** `require` as in a program of that installation. */
const load = createRequire(join(process.env.BENCH_MODULES ?? root, 'sample.js'));

/** The build of this package to measure. */
const ours = () => load(process.env.BENCH_OURS ?? join(root, 'dist'));

module.exports = { load, ours };
