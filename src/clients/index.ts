import type { ClientLibrary } from '../core/port';
import { loadedExports } from '../support/packages';
import { confluent } from './confluent';
import { kafkaJs } from './kafkajs';

export type { ClientLibrary };

/** The supported client libraries. Confluent's exports look like kafkajs's and more, so it is asked first. */
export const CLIENT_LIBRARIES: readonly ClientLibrary[] = [confluent, kafkaJs];

/** What there is to patch in copies of a library that are loaded already. */
export function loadedTargets(library: ClientLibrary): object[] {
  const { packageName, innerFile = '', supportedVersions } = library;
  return loadedExports(packageName, innerFile, supportedVersions).flatMap(
    each => library.findTarget(each) ?? [],
  );
}
