import type { ClientLibrary } from '../core/port';
import { handedOver, handOverMark, onHandedOver } from '../support/handed-over';
import { loadedExports } from '../support/packages';
import { confluent } from './confluent';
import { kafkaJs } from './kafkajs';

export type { ClientLibrary };

/** The supported client libraries. Confluent's client comes first, because its exports also look like those of kafkajs. */
export const CLIENT_LIBRARIES: readonly ClientLibrary[] = [confluent, kafkaJs];

/** The objects to patch in copies of a library that are loaded already, by Node.js or in a bundle. */
export function loadedTargets(library: ClientLibrary): object[] {
  const { packageName, innerFile = '', supportedVersions } = library;
  const bundled = handedOver().filter(({ mark }) => mark === handOverMark(packageName));
  return [
    ...loadedExports(packageName, innerFile, supportedVersions),
    ...bundled.map(module => module.exports),
  ].flatMap(each => library.findTarget(each) ?? []);
}

/**
 * Calls `onTarget` with the object to patch in each copy of a library that a bundle loads from now on.
 *
 * @returns a function that ends this
 */
export function onBundledTarget(onTarget: (library: ClientLibrary, target: object) => void): () => void {
  // A local variable named `exports` would hide the exports of this file after the compilation to CommonJS.
  return onHandedOver(module => {
    const library = CLIENT_LIBRARIES.find(({ packageName }) => module.mark === handOverMark(packageName));
    const target = library?.findTarget(module.exports);
    if (library && target) onTarget(library, target);
  });
}
