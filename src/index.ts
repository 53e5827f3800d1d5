export { KafkaJsInstrumentation } from './instrumentation';
