// Measures a stretch of a program's life: what it took of processor, time, heap and of the event loop's patience.
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { GCProfiler } = require('node:v8');

/** Begins to measure; the result's `end(count)` gives the figures for each of `count` units. */
function beginMeasuring() {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const collections = new GCProfiler();
  collections.start();
  delay.enable();
  const heapBefore = process.memoryUsage().heapUsed;
  const wallBefore = performance.now();
  const cpuBefore = process.cpuUsage();
  return {
    /** Microseconds of processor time since the beginning, of all threads: the collector's too. */
    cpu: () => spent(cpuBefore),
    end(count) {
      const cpu = spent(cpuBefore);
      const wall = (performance.now() - wallBefore) * 1000;
      const heapAfter = process.memoryUsage().heapUsed;
      delay.disable();
      const bytes = allocated(heapBefore, collections.stop().statistics, heapAfter);
      return {
        count,
        cpu: cpu / count,
        wall: wall / count,
        bytes: bytes / count,
        delay: { p50: delay.percentile(50) / 1e6, max: delay.max / 1e6 },
      };
    },
  };
}

function spent(since) {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

/** Node.js has no count of allocated bytes: it is what the heap grew by from each garbage collection to the next. */
function allocated(before, statistics, after) {
  let used = before;
  let sum = 0;
  for (const { beforeGC, afterGC } of statistics) {
    sum += beforeGC.heapStatistics.usedHeapSize - used;
    used = afterGC.heapStatistics.usedHeapSize;
  }
  return sum + after - used;
}

/** How many messages go by between two looks at the processor time: a look costs about a microsecond. */
const BETWEEN_LOOKS = 1000;

/**
 * Decides from processor time, so that every variant measures for equally long: passes over the warm-up, then measures. Limits are
 * in seconds of processor time, BENCH_WARM_UP (default 0.6) and BENCH_SECONDS (default 1.5).
 */
function createWindow({ BENCH_WARM_UP = '0.6', BENCH_SECONDS = '1.5' } = process.env) {
  let warmUp;
  let stretch;
  let first = 0;
  let seen = 0;
  let nextLook = BETWEEN_LOOKS;
  let result;
  const isOver = (cpu, limit) => cpu >= Number(limit) * 1e6;
  return {
    /** Tells of `count` more messages; whether that was enough. `isLast` ends the stretch whatever it took. */
    pass(count, isLast = false) {
      if (result) return true;
      warmUp ??= process.cpuUsage();
      seen += count;
      if (seen < nextLook && !isLast) return false;
      nextLook = seen + BETWEEN_LOOKS;
      if (stretch === undefined) {
        if (isLast) throw new Error(`${seen} messages were not enough to warm up on`);
        if (isOver(spent(warmUp), BENCH_WARM_UP)) {
          first = seen;
          stretch = beginMeasuring();
        }
        return false;
      }
      if (!isLast && !isOver(stretch.cpu(), BENCH_SECONDS)) return false;
      result = stretch.end(seen - first);
      return true;
    },
    result: () => result,
  };
}

module.exports = { beginMeasuring, createWindow };
