import type { ClientLibrary } from '../core/port';
import { handedOver, handOverMark, onHandedOver } from '../support/handed-over';
import { loadedExports } from '../support/packages';
import { confluent } from './confluent';
import { kafkaJs } from './kafkajs';

export type { ClientLibrary };

/** Confluent's client must come first, because `findTarget` of kafkajs accepts its exports too. */
export const CLIENT_LIBRARIES: readonly ClientLibrary[] = [confluent, kafkaJs];

/** Finds the objects to patch in all copies of a library that Node.js or a bundle has already loaded. */
export function loadedTargets(library: ClientLibrary): object[] {
  const { packageName, innerFile = '', supportedVersions } = library;
  const bundled = handedOver().filter(({ mark }) => mark === handOverMark(packageName));
  return [
    ...loadedExports(packageName, innerFile, supportedVersions),
    ...bundled.map(module => module.exports),
  ].flatMap(each => library.findTarget(each) ?? []);
}

/**
 * Calls `onTarget` for each copy of a client library that a bundle loads from now on.
 *
 * @returns a function that removes the listener
 */
export function onBundledTarget(onTarget: (library: ClientLibrary, target: object) => void): () => void {
  // `module` is not destructured. This file is compiled to CommonJS, where a variable named `exports` would hide the
  // file's own exports.
  return onHandedOver(module => {
    const library = CLIENT_LIBRARIES.find(({ packageName }) => module.mark === handOverMark(packageName));
    const target = library?.findTarget(module.exports);
    if (library && target) onTarget(library, target);
  });
}
