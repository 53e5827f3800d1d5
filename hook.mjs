// The loader hook of the OpenTelemetry base package, for a program's other ESM libraries; kafkajs itself needs none.
export { initialize, load, resolve } from '@opentelemetry/instrumentation/hook.mjs';
