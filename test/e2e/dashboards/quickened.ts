/** The tests divide the times in rules by this factor. */
const TIMES = 60;

/**
 * Returns the rules with shorter times. Minutes become seconds. Maximum ages are only divided by ten, because kafkajs
 * has a fixed heartbeat interval of 3 s.
 */
export function quickened(rules: string): string {
  return rules
    .replaceAll(/(\[|offset |for: )(\d+)(m|h)\b/g, (_, before: string, count: string, unit: string) => {
      const milliseconds = (Number(count) * (unit === 'h' ? 3_600_000 : 60_000)) / TIMES;
      return `${before}${milliseconds}ms`;
    })
    .replaceAll('_seconds > 60', '_seconds > 6');
}

/** Prometheus drops a series five minutes after its last sample. This time is shortened by the same factor. */
export const LOOKBACK = `${300_000 / TIMES}ms`;
