// OpenTelemetry's loader hook for ES modules, for the program's other libraries. Kafka clients are CommonJS and need no hook.
export { initialize, load, resolve } from '@opentelemetry/instrumentation/hook.mjs';
