// Runs a workload without a broker. Measures its cost, or counts its SDK calls if BENCH_OBSERVE is set.
const { timeSdkOperations } = require('./sdk-operations.cjs');
const { measure } = require('./measure.cjs');
const { observe, observeSdk } = require('./observe.cjs');
const sdk = require('./sdk.cjs');

const isObserved = process.env.BENCH_OBSERVE !== undefined;
const { BENCH_MODE: mode, BENCH_SDK_OPERATIONS: sdkOperations } = process.env;

const startSdk = isObserved ? observeSdk : sdk.startSdk;

/** @param extra - called at the end; returns additional fields of the result */
async function sample(path, extra = () => ({})) {
  const result = isObserved
    ? await observe(path, extra)
    : await measure(path, async () => ({
        ...(await extra()),
        ...(sdkOperations === 'no' ? {} : timeSdkOperations(mode)),
      }));
  // Exit explicitly, because metric readers and consumers keep the process alive.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

module.exports = { startSdk, sample };
