import { join } from 'node:path';
import { Field, Root, Type } from 'protobufjs';

/** The signals of OTLP, spelled as in the paths of its URLs. */
export type Signal = 'traces' | 'metrics' | 'logs';

const FOLDER = join(__dirname, '..', '..', 'proto');
const MESSAGES: Readonly<Record<Signal, readonly [file: string, name: string]>> = {
  traces: ['trace', 'ExportTraceServiceRequest'],
  metrics: ['metrics', 'ExportMetricsServiceRequest'],
  logs: ['logs', 'ExportLogsServiceRequest'],
};

const loaded = new Map<Signal, Type>();

function messageOf(signal: Signal): Type {
  const known = loaded.get(signal);
  if (known) return known;
  const [file, name] = MESSAGES[signal];
  const root = new Root();
  root.resolvePath = (_, target) => join(FOLDER, target);
  root.loadSync(`opentelemetry/proto/collector/${file}/v1/${file}_service.proto`);
  const message = root.lookupType(`opentelemetry.proto.collector.${file}.v1.${name}`);
  loaded.set(signal, message);
  return message;
}

/**
 * Decodes a protobuf export request into the form of OTLP/JSON.
 *
 * @throws Error if the bytes are no such request
 */
export function readProtobuf(signal: Signal, bytes: Uint8Array): unknown {
  const message = messageOf(signal);
  return toJsonForm(message.toObject(message.decode(bytes), { longs: String }));
}

const IDS: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId']);

/** OTLP/JSON writes ids in hexadecimal and other bytes in base64. */
function toJsonForm(value: unknown, key = ''): unknown {
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return bytes.toString(IDS.has(key) ? 'hex' : 'base64');
  }
  if (typeof value !== 'object' || value === null) return value;
  // Change the objects in place. The decoder has just created them.
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) if (typeof item === 'object') value[at] = toJsonForm(item);
    return value;
  }
  const record = value as Record<string, unknown>;
  for (const name of Object.keys(record)) {
    const item = record[name];
    if (typeof item === 'object') record[name] = toJsonForm(item, name);
  }
  return record;
}

/** The protobuf type `google.rpc.Status`, with only its field `message`. */
const status = new Type('Status').add(new Field('message', 2, 'string'));

export const writeStatus = (message: string): Uint8Array => status.encode({ message }).finish();
