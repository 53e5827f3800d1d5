// Runs a workload repeatedly and measures its cost. `prepare` creates the input of each step outside the measured time.
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { getHeapStatistics } = require('node:v8');
const { cpuTime } = require('./cpu-time.cjs');
const { collectGarbage } = require('./heap.cjs');

const milliseconds = (name, otherwise) => Number(process.env[name] ?? otherwise);

/** CPU time of warm-up and measurement, in milliseconds. The warm-up is long because V8 optimizes code on background threads. */
const WARM_UP = milliseconds('BENCH_WARM_UP', 700);
const DURATION = milliseconds('BENCH_DURATION', 300);

/** The first operations of a process are measured separately, because V8 has not optimized their code yet. */
const COLD_OPERATIONS = 1000;
/** Upper limit of messages for these operations. With more, most operations on large batches would run in optimized code. */
const COLD_MESSAGES = 100_000;

/** Number of steps whose allocated bytes are measured. */
const WINDOWS = 15;

/**
 * @param path - the workload: `prepare` creates the input of one step, and `run` executes the step, which handles `units` messages in
 * `operations` calls of `send` or of a handler
 * @param extra - called at the end; returns additional fields of the result
 */
async function measure({ unit, units, operations, prepare, run }, extra = () => ({})) {
  // The garbage of loading would be collected during the first operations of one variant, and later for another.
  collectGarbage();
  const steps = Math.ceil(Math.min(COLD_OPERATIONS / operations, COLD_MESSAGES / units));
  const cold = await repeat({ prepare, run }, { steps });
  const warm = await repeat({ prepare, run }, { duration: WARM_UP });
  if (process.env.BENCH_ALLOCATION) {
    const bytes = await allocation({ prepare, run });
    return { unit, count: WINDOWS * units, bytes: bytes / units };
  }
  const loop = monitorEventLoopDelay({ resolution: 2 });
  loop.enable();
  const { chunks, cpu, wall } = await repeat({ prepare, run }, { duration: DURATION });
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
    cold: cold.cpu / (cold.chunks * units),
    ...(await extra()),
  };
}

/** If `run` is very fast, `prepare` takes most of the time. Stop when both together have used this multiple of the duration. */
const MAX_OVERRUN = 3;

/** Runs steps for a duration, in milliseconds of CPU time, or a fixed number of steps. */
async function repeat({ prepare, run }, { duration, steps }) {
  let [chunks, cpu, wall] = [0, 0, 0];
  const begun = process.cpuUsage();
  const isOver = () =>
    steps === undefined
      ? cpu >= duration * 1000 || (chunks >= 3 && cpuTime(begun) >= duration * 1000 * MAX_OVERRUN)
      : chunks >= steps;
  while (!isOver()) {
    const chunk = prepare();
    // Let pending I/O and timers run, as they would between two broker responses.
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
 * Returns the median heap growth while one step runs. A garbage collection would distort the result, so the process runs with
 * a young generation that is larger than the allocation of any step.
 */
async function allocation({ prepare, run }) {
  const grown = [];
  for (let window = 0; window < WINDOWS; window++) {
    const chunk = prepare();
    collectGarbage();
    const before = getHeapStatistics().used_heap_size;
    await run(chunk);
    grown.push(getHeapStatistics().used_heap_size - before);
  }
  return grown.sort((one, other) => one - other)[WINDOWS >> 1];
}

module.exports = { measure };
