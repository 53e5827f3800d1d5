import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** The SDK exports this number of spans at once. */
export const SPANS_PER_REQUEST = 512;
const SPANS_PER_TRACE = 4;
/** Every id starts with these bytes. In each request, they are replaced by the number of the request. */
const MARK = 'a7f3c59b';

/**
 * Creates the bodies of export requests. Each trace is a request that sends a message, and the processing of the
 * message with one more span. The spans have the usual attributes.
 */
export function makeRequests(): (number: number) => Uint8Array {
  const bytes = Buffer.from(serialized());
  const places: number[] = [];
  for (let at = bytes.indexOf(MARK, 'hex'); at !== -1; at = bytes.indexOf(MARK, at + 1, 'hex'))
    places.push(at);
  return number => {
    for (const place of places) bytes.writeUInt32BE(number + 1, place);
    return bytes;
  };
}

function serialized(): Uint8Array {
  let ids = 0;
  const id = (length: number): string => MARK + (ids++).toString(16).padStart(length - MARK.length, '0');
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    idGenerator: { generateTraceId: () => id(32), generateSpanId: () => id(16) },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('soak');
  for (let order = 0; order < SPANS_PER_REQUEST / SPANS_PER_TRACE; order++) {
    const http = {
      'http.request.method': 'POST',
      'url.path': '/orders',
      'url.scheme': 'http',
      'http.response.status_code': 202,
      'server.address': 'localhost',
      'server.port': 3000,
      'user_agent.original': 'curl/8.5.0',
      'network.protocol.version': '1.1',
    };
    const kafka = {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': String(order % 4),
      'messaging.kafka.offset': order,
      'messaging.kafka.message.key': `order-${order}`,
      'messaging.client.id': 'shop',
      'server.address': 'localhost',
    };
    const process = { 'messaging.operation.type': 'process', 'messaging.consumer.group.name': 'payments' };
    let parent = ROOT_CONTEXT;
    const spans = [
      ['POST /orders', SpanKind.SERVER, http],
      ['send orders', SpanKind.PRODUCER, { ...kafka, 'messaging.operation.type': 'send' }],
      ['process orders', SpanKind.CONSUMER, { ...kafka, ...process }],
      ['POST', SpanKind.CLIENT, http],
    ] as const;
    const started = spans.map(([name, kind, attributes]) => {
      const sent = trace.getSpanContext(parent);
      const links = kind === SpanKind.CONSUMER && sent ? [{ context: sent }] : [];
      const span = tracer.startSpan(name, { kind, attributes, links }, parent);
      parent = trace.setSpan(parent, span);
      return span;
    });
    for (const span of started.reverse()) span.end();
  }
  return ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()) ?? new Uint8Array();
}
