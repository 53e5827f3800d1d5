import { SpanKind, trace, type Context } from '@opentelemetry/api';
import { contextOfCall, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import { runAround, type Operation } from './operation';
import type { AdminCall, ClientInfo } from './port';
import { SpanOperation, startSpan } from './span';

/** In all supported libraries, the name of a read-only admin method starts with one of these words. */
const READ = /^(describe|fetch|list)/;

export function traceAdmin<Result>(
  runtime: Runtime,
  client: ClientInfo,
  describe: () => AdminCall,
  call: () => Result,
): Result {
  const active = contextOfCall(runtime);
  const operation =
    active && attempt(runtime, 'admin', () => startAdmin(runtime, client, describe(), active));
  return operation ? runAround(runtime, operation, call) : call();
}

/**
 * With `adminSpans: 'auto'`, a read-only call gets a span only if there is an active span. Otherwise every health check would
 * create a trace.
 */
function startAdmin(
  runtime: Runtime,
  client: ClientInfo,
  { method, topic, group }: AdminCall,
  parent: Context,
): Operation | undefined {
  const { adminSpans, naming, vocabulary } = runtime.settings;
  if (adminSpans === 'none') return undefined;
  if (adminSpans === 'auto' && READ.test(method) && !trace.getSpan(parent)) return undefined;
  const span = startSpan(
    runtime,
    { kind: 'admin', name: method, topic, group, messageCount: undefined },
    {
      kind: SpanKind.CLIENT,
      facts: {
        operationName: naming.operation(method),
        destination: topic,
        group,
        clientId: client.clientId(),
        clusterId: client.clusterId(),
      },
      parent,
    },
  );
  if (!span) return undefined;
  const operation = new SpanOperation(runtime, span, undefined, client.errors, undefined);
  // The client learns its cluster id from its first response, so the id is added at the end.
  const addClusterId = () =>
    attempt(runtime, 'admin', () =>
      span.setAttributes(vocabulary.attributes({ clusterId: client.clusterId() })),
    );
  return {
    end() {
      addClusterId();
      operation.end();
    },
    fail(error) {
      addClusterId();
      operation.fail(error);
    },
  };
}
