import { Hook, type OnRequireFn } from 'require-in-the-middle';

/** webpack defines it in everything that it bundles. */
declare const __webpack_require__: unknown;

/** True when this package is part of a webpack bundle, where `require.resolve` and `require.cache` are webpack's. */
export const isInsideWebpack = (): boolean => typeof __webpack_require__ === 'function';

/**
 * Hooks packages that a webpack bundle with this package in it requires from outside. The base class's hook cannot find out
 * there which package a file belongs to. This one waits for the name in the `require` call.
 */
export function hookFromWebpack(
  packageNames: readonly string[],
  onLoad: (moduleExports: unknown) => unknown,
): void {
  if (!isInsideWebpack()) return;
  const handler = (moduleExports: unknown): unknown => onLoad(moduleExports);
  new Hook([...packageNames], handler as OnRequireFn);
}
