import { traceConfluentBundles } from '../loaders/support/confluent-bundles';

// test/loaders tests the other bundlers.
traceConfluentBundles([
  ['esbuild', 'cjs'],
  ['esbuild', 'esm'],
]);
