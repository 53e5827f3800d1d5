import type { DiagLogger } from '@opentelemetry/api';
import type { Log } from './telemetry';
import { cut } from './text';

/** Causes remembered; beyond that nothing new is said, so a storm of distinct faults cannot flood a log. */
const MAX_CAUSES = 100;

/** How much of a fault's text tells it from others, in characters: what is remembered is bounded in size too. */
const MAX_CAUSE = 1000;

/** Says each cause once per process: a fault that recurs with every message must not become a line per message. */
export function onceLog(diag: () => DiagLogger): Log {
  const causes = new Set<string>();
  const isNew = (cause: string) => {
    if (causes.has(cause) || causes.size >= MAX_CAUSES) return false;
    causes.add(cause);
    return true;
  };
  return {
    warn(cause, message) {
      if (cause === undefined || isNew(cause)) diag().warn(message);
    },
    fault(where, error) {
      if (isNew(cut(`${where}: ${textOf(error)}`, MAX_CAUSE)))
        diag().error(`${where} failed; the program is not affected, and this is said once:`, error);
    },
  };
}

/** Total: what a hook throws may be anything, and must be logged all the same. */
function textOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    // An object without prototype has no text.
    return typeof error;
  }
}
