// `npm run demo` in one process from the first line to the last, which ends with npm.
import { createRequire } from 'node:module';
import './prepare.mjs';
import { letGoOfSignals } from './steps.mjs';

const { register } = await import('tsx/cjs/api');
register();
letGoOfSignals();
createRequire(import.meta.url)('../demo/main.ts');
