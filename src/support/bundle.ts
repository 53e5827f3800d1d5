import { Hook, type OnRequireFn } from 'require-in-the-middle';

/** webpack defines this variable in every file that it bundles. */
declare const __webpack_require__: unknown;

/**
 * True if this package is part of a webpack bundle. Then `require.resolve` and `require.cache` are those of webpack, not of
 * Node.js.
 */
export const isInsideWebpack = (): boolean => typeof __webpack_require__ === 'function';

/**
 * Needed if a webpack bundle contains this package but not the client library. In a bundle, the hook of the base class cannot
 * find out to which package a file belongs. This hook looks at the name in the `require` call instead.
 */
export function hookFromWebpack(
  packageNames: readonly string[],
  onLoad: (moduleExports: unknown) => unknown,
): void {
  if (!isInsideWebpack()) return;
  const handler = (moduleExports: unknown): unknown => onLoad(moduleExports);
  new Hook([...packageNames], handler as OnRequireFn);
}
