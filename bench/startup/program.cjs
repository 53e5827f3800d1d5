// An empty program. Prints how much time the preloaded code took, and how many modules it loaded.
const { user, system } = process.cpuUsage();
const wall = performance.now();
const modules = Object.keys(require.cache).length;
const { heapUsed: heap } = process.memoryUsage();
console.log(JSON.stringify({ cpu: (user + system) / 1000, wall, modules, heap }));
