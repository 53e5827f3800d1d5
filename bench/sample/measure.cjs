// Runs one path repeatedly and measures its cost. `prepare` creates its input outside the measurement.
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { getHeapStatistics } = require('node:v8');
const { cpuTime } = require('./cpu-time.cjs');

const milliseconds = (name, otherwise) => Number(process.env[name] ?? otherwise);

/** CPU time of warm-up and measurement, in milliseconds. Long, because V8 compiles on background threads after a loop looks warm. */
const WARM_UP = milliseconds('BENCH_WARM_UP', 700);
const DURATION = milliseconds('BENCH_DURATION', 300);

/** Chunks whose allocation is measured, each without garbage collection. */
const WINDOWS = 15;

/**
 * @param path - a chunk of `units` times `unit`: `prepare` creates its input, `run` executes it
 * @param extra - returns further fields of the sample; called at the end
 */
async function measure({ unit, units, prepare, run }, extra = () => ({})) {
  const warm = await repeat({ prepare, run }, WARM_UP);
  if (process.env.BENCH_ALLOCATION) {
    const bytes = await allocation({ prepare, run });
    return { unit, count: WINDOWS * units, bytes: bytes / units };
  }
  const loop = monitorEventLoopDelay({ resolution: 2 });
  loop.enable();
  const { chunks, cpu, wall } = await repeat({ prepare, run }, DURATION);
  loop.disable();
  const count = chunks * units;
  const delay = { p50: loop.percentile(50) / 1e6, max: loop.max / 1e6 };
  return {
    unit,
    count,
    cpu: cpu / count,
    wall: wall / count,
    delay,
    warm: warm.chunks * units,
    ...(await extra()),
  };
}

/** For very cheap chunks, `prepare` takes most of the time: stop at this multiple of the duration, `prepare` included. */
const MAX_OVERRUN = 3;

async function repeat({ prepare, run }, duration) {
  let [chunks, cpu, wall] = [0, 0, 0];
  const begun = process.cpuUsage();
  while (cpu < duration * 1000 && (chunks < 3 || cpuTime(begun) < duration * 1000 * MAX_OVERRUN)) {
    const chunk = prepare();
    // Let the event loop turn, as it does between broker responses.
    await new Promise(setImmediate);
    const before = process.cpuUsage();
    const started = process.hrtime.bigint();
    await run(chunk);
    cpu += cpuTime(before);
    wall += Number(process.hrtime.bigint() - started) / 1000;
    chunks++;
  }
  return { chunks, cpu, wall };
}

/**
 * The heap growth while a chunk runs. Valid only without a collection in between, so these samples run with a young generation
 * larger than any chunk.
 */
async function allocation({ prepare, run }) {
  const grown = [];
  for (let window = 0; window < WINDOWS; window++) {
    const chunk = prepare();
    globalThis.gc();
    const before = getHeapStatistics().used_heap_size;
    await run(chunk);
    grown.push(getHeapStatistics().used_heap_size - before);
  }
  return grown.sort((one, other) => one - other)[WINDOWS >> 1];
}

module.exports = { measure };
