// An empty program. Prints the time and the number of modules that preloaded code needed.
const { user, system } = process.cpuUsage();
const wall = performance.now();
const modules = Object.keys(require.cache).length;
const { heapUsed: heap } = process.memoryUsage();
console.log(JSON.stringify({ cpu: (user + system) / 1000, wall, modules, heap }));
