// What a sample loads: from this repository, or from the installation of another line in BENCH_MODULES.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

/** `require` as a program in that installation has it. */
const load = createRequire(join(process.env.BENCH_MODULES ?? root, 'sample.js'));

/** The build of ours to measure. */
const ours = () => load(process.env.BENCH_OURS ?? join(root, 'dist'));

module.exports = { load, ours };
