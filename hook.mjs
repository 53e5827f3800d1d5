// The base package's ESM loader hook, for a program's *other* ESM libraries; kafkajs itself needs none.
export { getFormat, getSource, initialize, load, resolve } from '@opentelemetry/instrumentation/hook.mjs';
