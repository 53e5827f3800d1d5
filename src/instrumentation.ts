import { InstrumentationBase, type InstrumentationConfig } from '@opentelemetry/instrumentation';

export class KafkaJsInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@org/kafka-otel', '0.1.0', config);
  }

  protected init(): [] {
    return [];
  }
}
