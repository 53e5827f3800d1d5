import type { ClientLibrary } from '../core/port';
import { handedOver, handOverMark, onHandedOver } from '../support/handed-over';
import { loadedExports } from '../support/packages';
import { confluent } from './confluent';
import { kafkaJs } from './kafkajs';

export type { ClientLibrary };

/**
 * The supported client libraries. Confluent's client must come first, because `findTarget` of kafkajs accepts its exports
 * too.
 */
export const CLIENT_LIBRARIES: readonly ClientLibrary[] = [confluent, kafkaJs];

/** The objects to patch in the copies of a library that Node.js or a bundle has already loaded. */
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
 * @returns a function that removes the listener
 */
export function onBundledTarget(onTarget: (library: ClientLibrary, target: object) => void): () => void {
  // Not destructured: after the compilation to CommonJS, a variable named `exports` would hide the exports of this file.
  return onHandedOver(module => {
    const library = CLIENT_LIBRARIES.find(({ packageName }) => module.mark === handOverMark(packageName));
    const target = library?.findTarget(module.exports);
    if (library && target) onTarget(library, target);
  });
}
