import { performance } from 'node:perf_hooks';
import { errorType } from './errors';
import type { Metrics } from './metrics/metrics';
import { sentCount, wasAttempted } from './delivery';
import type { Outgoing } from './send';
import type { ClientFacts } from './client';
import type { Ending } from './within';

/** Measures a `send()` or `sendBatch()`: one duration for each span that it has, a count for each topic. */
export class MeasuredSend implements Ending {
  readonly #started = performance.now();

  constructor(
    private readonly metrics: Metrics,
    private readonly client: ClientFacts,
    private readonly entries: readonly Outgoing[],
    private readonly call: { acks: unknown; destinations: readonly (string | undefined)[] },
  ) {}

  end(result: unknown): void {
    this.#finish(undefined, result);
  }

  fail(error: unknown): void {
    this.#finish(errorType(error), undefined);
  }

  #finish(failure: string | undefined, result: unknown): void {
    const { metrics, client, entries } = this;
    const { acks, destinations } = this.call;
    const duration = secondsSince(this.#started);
    for (const topic of destinations)
      metrics.finished(client, { operation: 'send', topic, duration, errorType: failure });
    if (failure !== undefined && !wasAttempted(failure)) return;
    for (const { topic, messages, sent = messages } of entries) {
      const count =
        failure === undefined ? sentCount(topic, sent, acks === 0 ? undefined : result) : messages.length;
      if (count > 0) metrics.sent(topic, count, failure);
    }
  }
}

/** Measures an operation by its duration alone; `elapsed` milliseconds of it may have passed already. */
export function measureOperation(
  metrics: Metrics,
  client: ClientFacts,
  what: { readonly operation: 'commit'; readonly topic: string | undefined },
  elapsed: number,
): Ending {
  const started = performance.now() - elapsed;
  const finish = (failure: string | undefined) => {
    metrics.finished(client, { ...what, duration: secondsSince(started), errorType: failure });
  };
  return {
    end() {
      finish(undefined);
    },
    fail(error) {
      finish(errorType(error));
    },
  };
}

const secondsSince = (started: number): number => (performance.now() - started) / 1000;
