// Switches on what BENCH_VARIANT names, the way a program does it: before kafkajs is loaded, by its require hook.
const { load, ours } = require('./modules.cjs');

/** @returns whether the program itself is to do what an instrumentation would */
function instrument(variant) {
  switch (variant) {
    case 'bare':
    case 'headerless':
      return false;
    case 'floor':
      return true;
    case 'official':
      new (load('@opentelemetry/instrumentation-kafkajs').KafkaJsInstrumentation)();
      return false;
    case 'ours':
      new (ours().KafkaJsInstrumentation)(JSON.parse(process.env.BENCH_OPTIONS ?? '{}'));
      return false;
    default:
      throw new Error(`BENCH_VARIANT must not be ${variant}`);
  }
}

module.exports = { instrument };
