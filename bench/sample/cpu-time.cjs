/** User and system time of all threads of this process in µs, the garbage collector's too; since an earlier reading, where one is given. */
function cpuTime(since) {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

module.exports = { cpuTime };
