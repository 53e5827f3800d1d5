import { Module } from 'node:module';
import { Hook, type OnRequireFn } from 'require-in-the-middle';

/** webpack and Rspack define this variable in every file that they bundle. */
declare const __webpack_require__: unknown;

/**
 * False in an ES module bundle that has no `require`, for example one of Rollup. A hook of require-in-the-middle reads
 * `require.cache`, so in such a bundle the hook would make every `require` of the program throw.
 */
export function canHookRequire(): boolean {
  try {
    return typeof require.cache === 'object';
  } catch {
    return false;
  }
}

/**
 * Call this before the base class of instrumentations is used. Its constructor hooks `require`, even in a bundle where
 * such a hook cannot work.
 *
 * @returns a function that removes the hook in such a bundle, and does nothing elsewhere
 */
export function rememberRequire(): () => void {
  if (canHookRequire()) return () => undefined;
  const original: unknown = Reflect.get(Module.prototype, 'require');
  return () => {
    Reflect.set(Module.prototype, 'require', original);
  };
}

/**
 * Adds a hook for a bundle of webpack or Rspack that contains this package but not the client library. There, the hook
 * of the base class cannot find the package of a file, because the bundler replaces `require.resolve`. The hook of this
 * function looks at the name in the `require` call instead.
 */
export function hookFromWebpack(
  packageNames: readonly string[],
  onLoad: (moduleExports: unknown) => unknown,
): void {
  if (typeof __webpack_require__ !== 'function') return;
  const handler = (moduleExports: unknown): unknown => onLoad(moduleExports);
  new Hook([...packageNames], handler as OnRequireFn);
}
