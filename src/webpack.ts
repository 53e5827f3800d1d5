/** webpack puts a function in its place, in everything that it bundles; nobody else knows the name. */
declare const __webpack_require__: unknown;

/** Whether this package has become a part of a bundle that webpack made: `require.resolve` and `require.cache` are webpack's there. */
export const isInsideWebpack = (): boolean => typeof __webpack_require__ === 'function';
