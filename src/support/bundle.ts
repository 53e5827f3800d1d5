import { Hook, type OnRequireFn } from 'require-in-the-middle';

/** webpack defines this variable in every file that it bundles. */
declare const __webpack_require__: unknown;

/** True if this package is part of a webpack bundle. `require.resolve` and `require.cache` are then webpack's own. */
export const isInsideWebpack = (): boolean => typeof __webpack_require__ === 'function';

/**
 * Hooks packages that are loaded from outside by a webpack bundle that contains this package. In a bundle, the hook of the
 * base class cannot find out which package a file belongs to. So this hook looks at the name in the `require` call.
 */
export function hookFromWebpack(
  packageNames: readonly string[],
  onLoad: (moduleExports: unknown) => unknown,
): void {
  if (!isInsideWebpack()) return;
  const handler = (moduleExports: unknown): unknown => onLoad(moduleExports);
  new Hook([...packageNames], handler as OnRequireFn);
}
