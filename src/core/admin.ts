import { SpanKind, trace, type Context } from '@opentelemetry/api';
import { contextOfCall, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import { runAround, type Operation } from './operation';
import type { AdminCall, ClientInfo } from './port';
import { SpanOperation, startSpan } from './span';

/** Methods that only read start with one of these words, in every release of the supported libraries. */
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

/** With `adminSpans: 'auto'`, a read gets a span only under an active span: a health check must not create root traces. */
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
  // Called at the end, because a client learns its cluster id with its first request.
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
