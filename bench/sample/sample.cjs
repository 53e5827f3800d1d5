// Runs a path of the in-process group: measures it, or with BENCH_OBSERVE counts its SDK calls.
const { timeSdkOperations } = require('./sdk-operations.cjs');
const { measure } = require('./measure.cjs');
const { observe, observeSdk } = require('./observe.cjs');
const sdk = require('./sdk.cjs');

const isObserved = process.env.BENCH_OBSERVE !== undefined;
const { BENCH_MODE: mode, BENCH_SDK_OPERATIONS: sdkOperations } = process.env;

const startSdk = isObserved ? observeSdk : sdk.startSdk;

/** @param extra - returns further fields of the result */
async function sample(path, extra = () => ({})) {
  const result = isObserved
    ? await observe(path, extra)
    : await measure(path, async () => ({
        ...(await extra()),
        ...(sdkOperations === 'no' ? {} : timeSdkOperations(mode)),
      }));
  // Metric readers and consumers would keep the process alive.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

module.exports = { startSdk, sample };
