/** Used if `KAFKA_VERSION` is not set. */
export const DEFAULT_KAFKA_VERSION = '4.4.0';

/**
 * Compares versions such as `3.9.1` number by number. A missing number counts as 0. The result is negative if `a` is
 * older.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map(version =>
    version.split(/[.-]/).map(part => Number.parseInt(part, 10) || 0),
  );
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * True if this version of Kafka runs without ZooKeeper. KRaft, which replaces ZooKeeper, has been ready for production
 * since Kafka 3.3 (KIP-833).
 */
export const usesKRaft = (version: string): boolean => compareVersions(version, '3.3') >= 0;

/** Reads the major version from the output of `java -version`: 17 from `17.0.15`, 8 from `1.8.0_392`. */
export function javaRelease(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (first === undefined) return undefined;
  return Number(first === '1' && second !== undefined ? second : first);
}
