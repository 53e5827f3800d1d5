// Enables the instrumentation of a variant, before kafkajs is loaded, as a program does.
const { load, ours } = require('./modules.cjs');

/** @returns true if the program must wrap its calls with the hand-written baseline */
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
      throw new Error(
        `Unknown BENCH_VARIANT "${variant}"; expected bare, headerless, floor, official or ours`,
      );
  }
}

module.exports = { instrument };
