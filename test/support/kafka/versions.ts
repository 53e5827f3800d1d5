/** The Apache Kafka version started when `KAFKA_VERSION` is not set. */
export const DEFAULT_KAFKA_VERSION = '4.4.0';

/** Compares dotted versions numerically: negative if `a` is older. A missing part counts as 0. */
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

/** Whether a version starts without ZooKeeper. KRaft is production-ready since 3.3 (KIP-833). */
export const usesKRaft = (version: string): boolean => compareVersions(version, '3.3') >= 0;

/** The feature release in the output of `java -version`: 17 from `17.0.15`, 8 from `1.8.0_392`; undefined if none. */
export function javaRelease(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (first === undefined) return undefined;
  return Number(first === '1' && second !== undefined ? second : first);
}
