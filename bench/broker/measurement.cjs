// Measures one interval of a message flow: skips the warm-up, then measures for a fixed CPU time.
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { GCProfiler } = require('node:v8');
const { cpuTime } = require('../sample/cpu-time.cjs');

function beginMeasuring() {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const collections = new GCProfiler();
  collections.start();
  delay.enable();
  const heapBefore = process.memoryUsage().heapUsed;
  const wallBefore = performance.now();
  const cpuBefore = process.cpuUsage();
  return {
    /** CPU time so far, in microseconds. */
    cpu: () => cpuTime(cpuBefore),
    end(count) {
      const cpu = cpuTime(cpuBefore);
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

/** Node.js does not count allocated bytes, so this sums the heap growth between garbage collections. Off-heap buffers are not included. */
function allocated(before, statistics, after) {
  let used = before;
  let sum = 0;
  for (const { beforeGC, afterGC } of statistics) {
    sum += beforeGC.heapStatistics.usedHeapSize - used;
    used = afterGC.heapStatistics.usedHeapSize;
  }
  return sum + after - used;
}

const milliseconds = (name, otherwise) => Number(process.env[name] ?? otherwise);

/** CPU time to measure, in milliseconds; the same for every variant. */
const DURATION = milliseconds('BENCH_DURATION', 600);

/** Messages between two reads of the CPU time; a read costs about a microsecond. */
const CHECK_INTERVAL = 1000;

/**
 * Starts and ends the measurement only inside `isOver` or `pass`. If messages arrive in fetches, call `isOver` between two fetches.
 *
 * @param warmUp - milliseconds of CPU time; BENCH_WARM_UP overrides it
 * @param available - number of messages in the topic; a third of them ends the warm-up
 */
function createMeasurement({ warmUp = 700, available = Infinity } = {}) {
  const limit = milliseconds('BENCH_WARM_UP', warmUp) * 1000;
  let before;
  let measuring;
  let measured;
  let [seen, first, checked] = [0, 0, 0];

  function isOver() {
    checked = seen;
    before ??= process.cpuUsage();
    if (measured) return true;
    if (measuring) {
      if (seen >= available || measuring.cpu() >= DURATION * 1000) measured = measuring.end(seen - first);
    } else if (cpuTime(before) >= limit || seen >= available / 3) {
      first = seen;
      measuring = beginMeasuring();
    }
    return measured !== undefined;
  }

  return {
    add(count) {
      seen += count;
    },
    isOver,
    /** Adds `count` messages of a steady flow. Returns true once the measurement is complete. */
    pass(count) {
      seen += count;
      return seen - checked >= CHECK_INTERVAL ? isOver() : measured !== undefined;
    },
    /** Figures per message; undefined until `isOver`. */
    measured() {
      if (measured?.count === 0)
        throw new Error(`All ${seen} messages were used for the warm-up: none were left to measure`);
      return measured;
    },
  };
}

module.exports = { createMeasurement };
