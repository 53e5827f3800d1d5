import type { DiagLogger, Tracer } from '@opentelemetry/api';
import type { Settings } from '../config/settings';
import { InjectionPauses } from '../propagation/pause';
import { onceLog } from './log';
import type { Metrics } from './metrics/metrics';
import type { ExceptionRecord, Telemetry } from './telemetry';

/** Where everything is asked for, whenever it is needed. */
interface Sources {
  readonly isEnabled: () => boolean;
  readonly hasAudience: () => boolean;
  readonly tracer: () => Tracer;
  readonly settings: () => Settings;
  readonly metrics: () => Metrics | undefined;
  readonly logger: () => unknown;
  readonly diag: () => DiagLogger;
}

/** What the rooms see: read at the time of each call, since options, providers and the switch may change while clients live. */
export function liveTelemetry({
  isEnabled,
  hasAudience,
  tracer,
  settings,
  metrics,
  logger,
  diag,
}: Sources): Telemetry {
  return {
    get enabled() {
      return isEnabled();
    },
    get hasAudience() {
      return hasAudience();
    },
    get tracer() {
      return tracer();
    },
    get settings() {
      return settings();
    },
    get metrics() {
      return metrics();
    },
    pauses: new InjectionPauses(),
    emit: record => {
      (logger() as { emit(record: ExceptionRecord): void }).emit(record);
    },
    log: onceLog(diag),
  };
}
