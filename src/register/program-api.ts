import { findPackageOfProgram, versionOfPackage } from './packages';

/** The versions of the API that the program and this package have, where they are two copies that differ. */
export interface ApiVersions {
  readonly theirs: string;
  readonly ours: string;
}

export function differingApis(): ApiVersions | undefined {
  const path = findPackageOfProgram('@opentelemetry/api');
  if (path === undefined) return undefined;
  const theirs = String(versionOfPackage(path));
  const ours = String(versionOfPackage(require.resolve('@opentelemetry/api')));
  return theirs === ours ? undefined : { theirs, ours };
}

/**
 * What to tell a program whose API is newer than the one that the SDK is registered with. Its API finds no SDK then, neither ours
 * nor one that it starts itself, and says nothing of it.
 */
export function complaintOfNewerApi({ theirs, ours }: ApiVersions): string | undefined {
  const [theirMajor = 0, theirMinor = 0] = theirs.split('.').map(Number);
  const [ourMajor = 0, ourMinor = 0] = ours.split('.').map(Number);
  if (theirMajor < ourMajor || (theirMajor === ourMajor && theirMinor <= ourMinor)) return undefined;
  return `the program has @opentelemetry/api ${theirs}, newer than ${ours} here: spans of its own are not recorded. If it starts an SDK itself, set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach`;
}
