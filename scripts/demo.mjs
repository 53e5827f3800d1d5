// `npm run demo`: preparation and demo run in one process, which exits together with npm.
import { createRequire } from 'node:module';
import './prepare.mjs';
import { removeSignalHandlers } from './processes.mjs';

const { register } = await import('tsx/cjs/api');
register();
removeSignalHandlers();
createRequire(import.meta.url)('../demo/main.ts');
