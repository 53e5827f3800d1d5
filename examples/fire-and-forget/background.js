/** Runs work that nobody waits for: bounded in number, no error unseen, and waited for at the end. */
function background({ limit, onError }) {
  const pending = new Set();
  return {
    /** Returns false, and starts nothing, while `limit` pieces of work are under way. */
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
