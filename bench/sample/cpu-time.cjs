/**
 * CPU time (user and system) of all threads in µs, including garbage collection.
 *
 * @param since - a result of `process.cpuUsage()` to start counting from; default: the start of the process
 */
function cpuTime(since) {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

module.exports = { cpuTime };
