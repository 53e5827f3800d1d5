import { traceConfluentBundles } from '../loaders/support/confluent-bundles';

// The other bundlers are in test/loaders.
traceConfluentBundles([
  ['esbuild', 'cjs'],
  ['esbuild', 'esm'],
]);
