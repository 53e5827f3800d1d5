// `npm run demo` prepares the repository and runs the demo in one process, so that Ctrl-C stops everything.
import { createRequire } from 'node:module';
import './prepare.mjs';
import { removeSignalHandlers } from './processes.mjs';

const { register } = await import('tsx/cjs/api');
register();
removeSignalHandlers();
createRequire(import.meta.url)('../demo/main.ts');
