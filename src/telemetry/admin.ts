import { SpanKind, context as contextApi, trace } from '@opentelemetry/api';
import { SpanOperation } from './process';
import { startSpan } from './span';
import type { ClientFacts } from './client';
import { attempt, type Telemetry } from './telemetry';
import type { Ending } from './within';

/** An admin call: which method, and the one topic or group it is about, if it is about one. */
export interface AdminCall {
  readonly method: string;
  readonly topic: string | undefined;
  readonly group: string | undefined;
}

/** Reads by their names, in every release of kafkajs. */
const READ = /^(describe|fetch|list)/;

/**
 * Starts the span of an admin call. With `'auto'` what changes something always has one, and reads only under an active span:
 * a health check that lists topics every few seconds must not make root traces.
 */
export function startAdmin(
  telemetry: Telemetry,
  client: ClientFacts,
  { method, topic, group }: AdminCall,
): Ending | undefined {
  const parent = contextApi.active();
  const { adminSpans } = telemetry.settings;
  if (adminSpans === 'none') return undefined;
  if (adminSpans === 'auto' && READ.test(method) && !trace.getSpan(parent)) return undefined;
  const span = startSpan(
    telemetry,
    { kind: 'admin', name: method, topic, group, messageCount: undefined },
    {
      kind: SpanKind.CLIENT,
      facts: { destination: topic, group, clientId: client.clientId(), clusterId: client.clusterId() },
      parent,
    },
  );
  if (!span) return undefined;
  const operation = new SpanOperation(telemetry, span, undefined, parent);
  // The first call of a client may be what makes kafkajs ask for its cluster.
  const learn = () =>
    attempt(telemetry, 'admin', () =>
      span.setAttributes(telemetry.settings.vocabulary.attributes({ clusterId: client.clusterId() })),
    );
  return {
    end() {
      learn();
      operation.end();
    },
    fail(error) {
      learn();
      operation.fail(error);
    },
  };
}
