// Collects garbage and measures the heap of this process. The flag `--expose-gc` is not needed.
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** @returns a function that returns how many bytes the heap has grown since this call */
function watchHeap() {
  const heap = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  return () => heap() - before;
}

module.exports = { collectGarbage, watchHeap };
