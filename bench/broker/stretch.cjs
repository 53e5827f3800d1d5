// Measures a stretch of a program's life, between two of its messages.
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
    /** In microseconds. */
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
 * Node.js has no count of allocated bytes: it is what the heap grew by from each garbage collection to the next. What buffers hold
 * outside of the heap is not in it.
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

/** CPU time that is measured: every variant measures for equally long. */
const DURATION = milliseconds('BENCH_DURATION', 600);

/** How many messages go by between two looks at the processor time: a look costs about a microsecond. */
const BETWEEN_LOOKS = 1000;

/**
 * Passes over the first messages of a flow, and measures those that follow. It begins and ends only when it is looked at: where
 * messages come in lots, as those of a fetch do, that has to be between two lots.
 *
 * @param warmUp - in milliseconds of CPU time, unless BENCH_WARM_UP says otherwise
 * @param available - how many messages there are; a third of them is enough to warm up
 */
function createStretch({ warmUp = 700, available = Infinity } = {}) {
  const limit = milliseconds('BENCH_WARM_UP', warmUp) * 1000;
  let before;
  let measuring;
  let measured;
  let [seen, first, looked] = [0, 0, 0];

  function isOver() {
    looked = seen;
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
    /** Tells of `count` more messages of a steady flow; whether there have been enough. */
    pass(count) {
      seen += count;
      return seen - looked >= BETWEEN_LOOKS ? isOver() : measured !== undefined;
    },
    /** The figures per message. */
    measured() {
      if (measured?.count === 0)
        throw new Error(`there were no more than ${seen} messages, all in the warm-up`);
      return measured;
    },
  };
}

module.exports = { createStretch };
