import type { Span } from '@opentelemetry/api';
import { disown } from '../unawaited';
import { attempt, type Telemetry } from './telemetry';

/** Calls a user's hook for a recorded span; it is not awaited. */
export function runHook<Info>(
  telemetry: Telemetry,
  name: 'producerHook' | 'consumerHook' | 'batchHook',
  hook: ((span: Span, info: Info) => unknown) | undefined,
  span: Span | undefined,
  info: () => Info,
): void {
  if (!hook || !span) return;
  attempt(telemetry, name, () => {
    if (!span.isRecording()) return;
    disown(hook(span, info()), error => {
      attempt(telemetry, name, () => {
        throw error;
      });
    });
  });
}
