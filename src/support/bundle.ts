import { Hook, type OnRequireFn } from 'require-in-the-middle';

/** webpack defines this variable in every file that it bundles. */
declare const __webpack_require__: unknown;

/**
 * True if this package is part of a webpack bundle. Then `require.resolve` and `require.cache` are those of webpack, not of
 * Node.js.
 */
export const isInsideWebpack = (): boolean => typeof __webpack_require__ === 'function';

/**
 * For a webpack bundle that contains this package but not the client library. There, the hook of the base class cannot
 * tell to which package a file belongs. This hook uses the name in the `require` call.
 */
export function hookFromWebpack(
  packageNames: readonly string[],
  onLoad: (moduleExports: unknown) => unknown,
): void {
  if (!isInsideWebpack()) return;
  const handler = (moduleExports: unknown): unknown => onLoad(moduleExports);
  new Hook([...packageNames], handler as OnRequireFn);
}
