/** The version of Apache Kafka that is used if `KAFKA_VERSION` is not set. */
export const DEFAULT_KAFKA_VERSION = '4.4.0';

/** Compares versions such as `3.9.1` number by number. Negative if `a` is older. A missing part counts as 0. */
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

/** True if the version runs without ZooKeeper. KRaft, the replacement, is ready for production since version 3.3 (KIP-833). */
export const usesKRaft = (version: string): boolean => compareVersions(version, '3.3') >= 0;

/** Returns the major version in the output of `java -version`: 17 for `17.0.15`, 8 for `1.8.0_392`; undefined if there is none. */
export function javaRelease(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (first === undefined) return undefined;
  return Number(first === '1' && second !== undefined ? second : first);
}
