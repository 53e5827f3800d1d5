/** Speed-up factor of rule times in these tests. */
const TIMES = 60;

/**
 * The rules with shorter times: minutes become seconds, and maximum ages are divided by ten only, because the 3 s heartbeat of
 * kafkajs cannot be shortened.
 */
export function quickened(rules: string): string {
  return rules
    .replaceAll(/(\[|offset |for: )(\d+)(m|h)\b/g, (_, before: string, count: string, unit: string) => {
      const milliseconds = (Number(count) * (unit === 'h' ? 3_600_000 : 60_000)) / TIMES;
      return `${before}${milliseconds}ms`;
    })
    .replaceAll('_seconds > 60', '_seconds > 6');
}

/** Prometheus drops a series five minutes after its last sample; shortened accordingly. */
export const LOOKBACK = `${300_000 / TIMES}ms`;
