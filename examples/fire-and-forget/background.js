/** Runs work in the background: limits its number, reports errors, and can wait for all of it. */
function background({ limit, onError }) {
  const pending = new Set();
  return {
    /** Returns false without starting the work if `limit` is reached. */
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
