/** How much faster than in earnest time goes by in these tests. */
const TIMES = 60;

/**
 * The rules with their times shortened: minutes become seconds, and the ages that are too much become a tenth, as
 * kafkajs's own heartbeat of 3 s cannot be made faster.
 */
export function quickened(rules: string): string {
  return rules
    .replaceAll(/(\[|offset |for: )(\d+)(m|h)\b/g, (_, before: string, count: string, unit: string) => {
      const milliseconds = (Number(count) * (unit === 'h' ? 3_600_000 : 60_000)) / TIMES;
      return `${before}${milliseconds}ms`;
    })
    .replaceAll('_seconds > 60', '_seconds > 6');
}

/** Prometheus forgets a series that is no longer exported after five minutes. */
export const LOOKBACK = `${300_000 / TIMES}ms`;
