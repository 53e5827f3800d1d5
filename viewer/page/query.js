import { FILTERS } from './route.js';

/** While data arrives, the page asks the server at most once in this time. */
const INTERVAL_MS = 1_000;

/**
 * Asks the server for traces.
 *
 * @returns {Promise<object>} the `TraceList` of the server
 */
export async function findTraces(filter, limit) {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const name of FILTERS) if (filter[name]) query.set(name, filter[name]);
  const response = await fetch(`traces?${query}`);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/**
 * Runs a query again when its filter or the data has changed.
 *
 * @param {(found: object, filter: object) => void} show
 */
export function makeQuery(show) {
  let wanted;
  let isStale = false;
  let isRunning = false;
  let askedAt = 0;
  let timer;

  async function ask() {
    clearTimeout(timer);
    timer = undefined;
    const asked = wanted;
    isRunning = true;
    isStale = false;
    askedAt = performance.now();
    try {
      const found = await findTraces(asked.filter, asked.limit);
      // Ignore the answer if the user has changed the filter in the meantime.
      if (asked === wanted) show(found, asked);
    } catch {
      // The connection is lost. After reconnecting, new data arrives and the query runs again.
    } finally {
      isRunning = false;
      if (asked !== wanted) await ask();
      else if (isStale) schedule();
    }
  }

  function schedule() {
    if (isRunning) return;
    timer ??= setTimeout(() => void ask(), Math.max(0, askedAt + INTERVAL_MS - performance.now()));
  }

  return {
    run(filter, limit) {
      wanted = { filter, limit };
      if (!isRunning) void ask();
    },
    /** Runs the query again soon. Call this when data has changed. */
    refresh() {
      if (wanted === undefined) return;
      isStale = true;
      schedule();
    },
  };
}
