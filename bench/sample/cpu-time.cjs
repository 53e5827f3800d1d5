/** User and system CPU time of all threads, garbage collection included, in µs; since `since`, a `process.cpuUsage()`, if given. */
function cpuTime(since) {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

module.exports = { cpuTime };
