// Measures the cost per message of a running producer or consumer: first the warm-up, then a fixed amount of CPU time.
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
    /** CPU time since the start of the measurement, in microseconds. */
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

/**
 * Returns the number of bytes allocated on the heap. Node.js has no counter for this, so the function adds up how much
 * the heap grew between garbage collections.
 */
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

/** CPU time that the measurement takes, in milliseconds. */
const DURATION = milliseconds('BENCH_DURATION', 600);

/**
 * Number of messages between two reads of the CPU time. A read takes about a microsecond, which is too long for a read
 * after each message.
 */
const CHECK_INTERVAL = 1000;

/**
 * Measures messages that the caller counts. A consumer calls `isOver` between two fetches. A producer calls `pass`
 * after each send. Only these two calls can start or end the measurement.
 *
 * @param warmUp - milliseconds of CPU time; BENCH_WARM_UP overrides it
 * @param available - number of messages in the topic; the warm-up uses at most a third of them
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
    /** Adds `count` messages. Returns true when the measurement is complete. */
    pass(count) {
      seen += count;
      return seen - checked >= CHECK_INTERVAL ? isOver() : measured !== undefined;
    },
    measured() {
      if (measured?.count === 0)
        throw new Error(
          `The warm-up used all ${seen} messages, so there is nothing to measure. Set BENCH_WARM_UP to fewer milliseconds`,
        );
      return measured;
    },
  };
}

module.exports = { CHECK_INTERVAL, createMeasurement };
