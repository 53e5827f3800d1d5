/** Version numbers, as far as they are compared here; what is no number is 0. */

export type Version = readonly [major: number, minor: number, patch: number];

export function parseVersion(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = (/(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
  return [major, minor, patch];
}

export function isAtLeast(text: string, ...least: Version): boolean {
  const version = parseVersion(text);
  const differing = version.findIndex((part, index) => part !== least[index]);
  return differing < 0 || (version[differing] ?? 0) > (least[differing] ?? 0);
}
