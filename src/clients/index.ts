import type { ClientLibrary } from '../core/port';
import { loadedExports } from '../support/packages';
import { confluent } from './confluent';
import { kafkaJs } from './kafkajs';

export type { ClientLibrary };

/** The supported client libraries. Confluent's client comes first, because its exports also look like those of kafkajs. */
export const CLIENT_LIBRARIES: readonly ClientLibrary[] = [confluent, kafkaJs];

/** The objects to patch in copies of a library that are loaded already. */
export function loadedTargets(library: ClientLibrary): object[] {
  const { packageName, innerFile = '', supportedVersions } = library;
  return loadedExports(packageName, innerFile, supportedVersions).flatMap(
    each => library.findTarget(each) ?? [],
  );
}
