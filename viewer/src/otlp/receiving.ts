import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import {
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  type ReceivedLog,
  type ReceivedMetric,
  type ReceivedSpan,
} from './decode';
import { readProtobuf, writeStatus, type Signal } from './protobuf';

export interface Receiver {
  addSpans(received: readonly ReceivedSpan[]): void;
  addMetrics(received: readonly ReceivedMetric[]): void;
  addLogs(received: readonly ReceivedLog[]): void;
  /** Called for a request that is answered with an error. */
  refused(text: string): void;
}

/** Maximum size of a request, also after decompression. */
const MAX_BYTES = 20_000_000;
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const PATHS: Readonly<Record<string, Signal>> = {
  '/v1/traces': 'traces',
  '/v1/metrics': 'metrics',
  '/v1/logs': 'logs',
};
export const OTLP_PATHS = Object.keys(PATHS).join(', ');

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const isOtlpPath = (path: string): boolean => Object.hasOwn(PATHS, path);

/**
 * Receives an OTLP/HTTP export request in JSON or protobuf, which may be compressed. The response has the same type as
 * the request.
 */
export async function receive(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  receiver: Receiver,
): Promise<void> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  try {
    if (request.method !== 'POST') throw new Refusal(405, `${path} accepts only POST`);
    if (type !== PROTOBUF && type !== JSON_TYPE)
      throw new Refusal(415, `content-type must be ${PROTOBUF} or ${JSON_TYPE}, got "${type}"`);
    const bytes = await decompress(request.headers['content-encoding'], await readBody(request));
    accept(PATHS[path] ?? 'traces', type, bytes, receiver);
    send(response, 200, type, type === PROTOBUF ? '' : '{}');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const status = error instanceof Refusal ? error.status : 400;
    receiver.refused(`Refused a request to ${path}: ${message}`);
    // Close the connection, because the rest of a body that is too large is not read.
    if (status === 413) response.setHeader('connection', 'close');
    send(response, status, type, type === PROTOBUF ? writeStatus(message) : JSON.stringify({ message }));
  }
}

function accept(signal: Signal, type: string, bytes: Uint8Array, receiver: Receiver): void {
  const kind = type === PROTOBUF ? 'protobuf' : 'JSON';
  let body: unknown;
  try {
    body = type === PROTOBUF ? readProtobuf(signal, bytes) : JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (signal === 'traces') receiver.addSpans(decodeTraces(body).map(checked));
    else if (signal === 'metrics') receiver.addMetrics(decodeMetrics(body));
    else receiver.addLogs(decodeLogs(body));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(400, `the body is not an OTLP/${kind} request for ${signal}: ${reason}`);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal(400, `the body is not an OTLP/${kind} request for ${signal}: expected an object`);
}

const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/**
 * Accepts ids in upper case and converts them to lower case.
 *
 * @throws Error if an id is invalid
 */
function checked(span: ReceivedSpan): ReceivedSpan {
  if (TRACE_ID.test(span.traceId) && SPAN_ID.test(span.spanId)) return span;
  const traceId = span.traceId.toLowerCase();
  const spanId = span.spanId.toLowerCase();
  if (!TRACE_ID.test(traceId)) throw new Error('traceId must be 32 hexadecimal digits');
  if (!SPAN_ID.test(spanId)) throw new Error('spanId must be 16 hexadecimal digits');
  return { ...span, traceId, spanId, parentSpanId: span.parentSpanId?.toLowerCase() };
}

const tooLarge = () => new Refusal(413, `the body is larger than ${MAX_BYTES / 1e6} MB`);

async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const decompressors = { gzip: promisify(gunzip), deflate: promisify(inflate) };

async function decompress(encoding: string | undefined, bytes: Buffer): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return bytes;
  if (encoding !== 'gzip' && encoding !== 'deflate')
    throw new Refusal(415, `content-encoding must be gzip, deflate or identity, got "${encoding}"`);
  try {
    return await (decompressors[encoding] as (from: Buffer, options: object) => Promise<Buffer>)(bytes, {
      maxOutputLength: MAX_BYTES,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new Refusal(400, `the body is not valid ${encoding}`);
  }
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response
    .writeHead(status, {
      'content-type': type === PROTOBUF ? PROTOBUF : JSON_TYPE,
      'cache-control': 'no-store',
    })
    .end(body);
}
