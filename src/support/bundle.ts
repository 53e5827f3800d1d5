import { Module } from 'node:module';
import { Hook, type OnRequireFn } from 'require-in-the-middle';

/** webpack and Rspack define this variable in every file that they bundle. */
declare const __webpack_require__: unknown;

/**
 * False in an ES module bundle that has no `require`, for example one of Rollup. There, a hook of require-in-the-middle would
 * throw an error into every `require` of the program, because it reads `require.cache`.
 */
export function canHookRequire(): boolean {
  try {
    return typeof require.cache === 'object';
  } catch {
    return false;
  }
}

/**
 * Call this before the base class of instrumentations is used, because its constructor hooks `require` in every bundle.
 *
 * @returns a function that removes such a hook again, if it cannot work
 */
export function rememberRequire(): () => void {
  if (canHookRequire()) return () => undefined;
  const original: unknown = Reflect.get(Module.prototype, 'require');
  return () => {
    Reflect.set(Module.prototype, 'require', original);
  };
}

/**
 * Needed if a bundle of webpack or Rspack contains this package but not the client library. There, the hook of the base class
 * cannot find out to which package a file belongs, because `require.resolve` is that of the bundler. This hook looks at the
 * name in the `require` call instead.
 */
export function hookFromWebpack(
  packageNames: readonly string[],
  onLoad: (moduleExports: unknown) => unknown,
): void {
  if (typeof __webpack_require__ !== 'function') return;
  const handler = (moduleExports: unknown): unknown => onLoad(moduleExports);
  new Hook([...packageNames], handler as OnRequireFn);
}
