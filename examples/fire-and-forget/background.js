/** Runs work in the background. Limits the number of running tasks, reports errors, and can wait for all tasks. */
function background({ limit, onError }) {
  const pending = new Set();
  return {
    /** Starts a task. Returns false if `limit` tasks are already running. */
    start(work) {
      if (pending.size >= limit) return false;
      const running = work()
        .catch(onError)
        .finally(() => pending.delete(running));
      pending.add(running);
      return true;
    },
    async settled() {
      await Promise.all(pending);
    },
  };
}

module.exports = { background };
