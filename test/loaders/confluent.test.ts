import { VARIANTS } from '../e2e/loaders/support/plugin';
import { traceConfluentBundles } from '../e2e/loaders/support/confluent-bundles';

traceConfluentBundles(VARIANTS);
