// Runs one path over and over, and prints what it costs. What the path needs is made in `prepare`, outside of every figure.
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { getHeapStatistics } = require('node:v8');
const { cpuTime } = require('./cpu-time.cjs');

const milliseconds = (name, otherwise) => Number(process.env[name] ?? otherwise);

/** CPU time of the warm-up and of the measurement: V8 compiles on threads of the same process, and for long after a loop looks warm. */
const WARM_UP = milliseconds('BENCH_WARM_UP', 700);
const DURATION = milliseconds('BENCH_DURATION', 300);

/** Chunks of which allocation is counted, each in a window without garbage collection. */
const WINDOWS = 15;

/**
 * @param path - `unit` and how many of them a chunk has; `prepare` makes what a chunk works on, `run` works
 * @param extra - more fields, asked for at the end
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

/** Where a chunk costs next to nothing, making it would take for ever; so many times the duration must do, of processor time. */
const PATIENCE = 3;

async function repeat({ prepare, run }, duration) {
  let [chunks, cpu, wall] = [0, 0, 0];
  const begun = process.cpuUsage();
  while (cpu < duration * 1000 && (chunks < 3 || cpuTime(begun) < duration * 1000 * PATIENCE)) {
    const chunk = prepare();
    // Between chunks the event loop turns, as it does between the answers of a broker.
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
 * The growth of the heap while a chunk runs: sound only where nothing is collected meanwhile, so these samples run with a
 * young generation that is larger than any chunk.
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
