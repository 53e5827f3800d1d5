// Runs a workload repeatedly and measures its cost. `prepare` creates the input of a step and is not measured.
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { getHeapStatistics } = require('node:v8');
const { cpuTime } = require('./cpu-time.cjs');
const { collectGarbage } = require('./heap.cjs');

const milliseconds = (name, otherwise) => Number(process.env[name] ?? otherwise);

/** CPU time in milliseconds. The warm-up is long because V8 optimizes code on background threads. */
const WARM_UP = milliseconds('BENCH_WARM_UP', 700);
const DURATION = milliseconds('BENCH_DURATION', 300);

/** The first operations of a process are measured separately, because V8 has not optimized their code yet. */
const COLD_OPERATIONS = 1000;
/**
 * Limit for large batches. After this many messages, V8 has optimized the code, even if the process has executed fewer
 * than COLD_OPERATIONS operations.
 */
const COLD_MESSAGES = 100_000;

const WINDOWS = 15;

/**
 * @param path - the workload. `prepare` creates the input of one step. `run` executes the step: it handles `units`
 * messages in `operations` calls of `send` or of a handler
 * @param extra - called at the end; returns additional fields of the result
 */
async function measure({ unit, units, operations, prepare, run }, extra = () => ({})) {
  // Collect now, so that the garbage from loading is not collected while operations are measured.
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

/**
 * Only `run` counts towards the duration. If `prepare` takes most of the time, the measurement ends earlier: when
 * `prepare` and `run` together have used this multiple of the duration.
 */
const MAX_OVERRUN = 3;

/** @param limits - `duration` in milliseconds of CPU time, or a fixed number of `steps` */
async function repeat({ prepare, run }, { duration, steps }) {
  let [chunks, cpu, wall] = [0, 0, 0];
  const begun = process.cpuUsage();
  const isOver = () =>
    steps === undefined
      ? cpu >= duration * 1000 || (chunks >= 3 && cpuTime(begun) >= duration * 1000 * MAX_OVERRUN)
      : chunks >= steps;
  while (!isOver()) {
    const chunk = prepare();
    // Let pending I/O and timers run, as between two responses of a broker.
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
 * Returns the median heap growth while one step runs. A garbage collection would distort the result, so the young
 * generation must be larger than what a step allocates.
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
