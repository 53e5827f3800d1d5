// OpenTelemetry's ESM loader hook, for a program's other ESM libraries. kafkajs is CommonJS and needs no hook.
export { initialize, load, resolve } from '@opentelemetry/instrumentation/hook.mjs';
