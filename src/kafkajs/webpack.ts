import { Hook, type OnRequireFn } from 'require-in-the-middle';
import { isInsideWebpack } from '../webpack';

/**
 * Sees kafkajs being required from a webpack bundle that has this package in it, but not kafkajs. There the base class's require
 * hook never finds out which package a file belongs to, and calls nobody. This one waits for a package by the name that it is
 * required by, and has nothing to resolve.
 */
export function hookInsideWebpack(patch: (moduleExports: unknown) => unknown): void {
  if (!isInsideWebpack()) return;
  const onLoad = (moduleExports: unknown): unknown => patch(moduleExports);
  new Hook(['kafkajs'], onLoad as OnRequireFn);
}
