import { Store } from '../../../viewer/src/store';
import type { ReceivedMetric, ReceivedSpan } from '../../support/otlp';

/** A store that gets spans and metrics directly from the test, without HTTP. */
export class HandFed extends Store {
  arrive(spans: readonly ReceivedSpan[]): void {
    this.addSpans(spans);
  }

  measure(metrics: readonly ReceivedMetric[]): void {
    this.addMetrics(metrics);
  }
}

export const handFed = (options?: { readonly spanLimit?: number }): HandFed => new HandFed(options);
