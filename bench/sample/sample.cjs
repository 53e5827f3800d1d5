// What a program of the bench does with its path: measure it, or with BENCH_OBSERVE say what it makes the SDK do.
const { elementary } = require('./elementary.cjs');
const { measure } = require('./measure.cjs');
const { observe, observeSdk } = require('./observe.cjs');
const sdk = require('./sdk.cjs');

const isObserved = process.env.BENCH_OBSERVE !== undefined;
const { BENCH_MODE: mode, BENCH_YARDSTICK: yardstick } = process.env;

const startSdk = isObserved ? observeSdk : sdk.startSdk;

/** @param extra - further fields of the result */
async function sample(path, extra = () => ({})) {
  const result = isObserved
    ? await observe(path, extra)
    : await measure(path, () => ({ ...extra(), ...(yardstick === 'no' ? {} : elementary(mode)) }));
  // Readers and consumers would keep the process alive.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

module.exports = { startSdk, sample };
