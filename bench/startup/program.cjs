// An empty program. Prints the CPU time, wall time, heap memory and number of modules at its start. They show what
// preloaded code costs.
const { user, system } = process.cpuUsage();
const wall = performance.now();
const modules = Object.keys(require.cache).length;
const { heapUsed: heap } = process.memoryUsage();
console.log(JSON.stringify({ cpu: (user + system) / 1000, wall, modules, heap }));
