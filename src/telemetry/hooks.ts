import type { Span } from '@opentelemetry/api';
import { attempt, type Telemetry } from './telemetry';

/**
 * Calls a user's hook for a recorded span. It is typed to return nothing, but an async function fits that type too: its
 * rejection would otherwise end the process.
 */
export function runHook<Info>(
  telemetry: Telemetry,
  name: 'producerHook' | 'consumerHook' | 'batchHook',
  hook: ((span: Span, info: Info) => unknown) | undefined,
  span: Span,
  info: () => Info,
): void {
  if (!hook || !span.isRecording()) return;
  attempt(telemetry, name, () => {
    const returned = hook(span, info());
    if (typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function') {
      (returned as PromiseLike<unknown>).then(undefined, (error: unknown) => {
        attempt(telemetry, name, () => {
          throw error;
        });
      });
    }
  });
}
