import { diag } from '@opentelemetry/api';
import { onceLog } from '../telemetry/log';
import { PACKAGE_NAME } from '../version';

/** Where functions that the program calls by name report a fault: there may be no instrumentation to do it for them. */
export const REPORT = { log: onceLog(() => diag.createComponentLogger({ namespace: PACKAGE_NAME })) };
