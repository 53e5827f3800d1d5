/**
 * CPU time of all threads in µs (user and system), including garbage collection.
 *
 * @param since - an earlier result of `process.cpuUsage()`; default: the start of the process
 */
function cpuTime(since) {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

module.exports = { cpuTime };
