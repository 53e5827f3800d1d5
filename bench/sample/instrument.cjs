// Call this before kafkajs is loaded.
const { load, ours } = require('./modules.cjs');

/** @returns true if the caller must wrap its calls with `floor.cjs` */
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
