// `npm run demo`, one process from the first line to the last: npm hands a signal on to the program it has started, and not to
// those that follow in its line.
import { createRequire } from 'node:module';
import './prepare.mjs';
import { letGoOfSignals } from './steps.mjs';

// What ends npm alone, as closing a window or `kill -9` may, must not leave a Kafka behind.
if (process.env.npm_lifecycle_event === 'demo') {
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) process.kill(process.pid, 'SIGHUP');
  }, 1_000).unref();
}

const { register } = await import('tsx/cjs/api');
register();
letGoOfSignals();
createRequire(import.meta.url)('../demo/main.ts');
