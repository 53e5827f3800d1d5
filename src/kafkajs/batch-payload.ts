import { derive } from '../propagation/copies';
import type { Batch } from '../telemetry/batch';
import type { FollowedBatch } from '../telemetry/measured-run';
import type { ClientFacts } from '../telemetry/client';
import { attempt, type Telemetry } from '../telemetry/telemetry';
import { committing } from './commits';
import { isMethod, type Methods } from './types';
import { lookLike } from './wrap';

/** What kafkajs passes to `eachBatch`, as far as it is read here. */
export interface BatchPayload {
  readonly batch: Batch;
}

/** kafkajs's payload, whose `resolveOffset` tells how far the handler is and whose commits have spans. */
export function watchPayload(
  telemetry: Telemetry,
  client: ClientFacts,
  payload: BatchPayload,
  followed: Pick<FollowedBatch, 'resolved'> | undefined,
  followCommits: () => void,
): BatchPayload {
  const { resolveOffset } = payload as unknown as Methods;
  const replaced: Methods = {};
  if (followed && isMethod(resolveOffset)) {
    replaced['resolveOffset'] = lookLike(resolveOffset, (...args) => {
      const result = resolveOffset(...args);
      attempt(telemetry, 'metrics', () => {
        followed.resolved(args[0]);
      });
      return result;
    });
  }
  const commit = committing(telemetry, client, payload as unknown as Methods, followCommits);
  if (commit) replaced['commitOffsetsIfNecessary'] = commit;
  return Object.keys(replaced).length === 0 ? payload : derive(payload, [], replaced);
}
