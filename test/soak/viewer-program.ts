// Feeds the viewer with spans in protobuf, as its receiver does after HTTP, and prints what that costs. `test/soak/viewer.ts` runs this in a
// process with a limited heap.
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { accept } from '../../viewer/src/otlp/receiving';
import { Store } from '../../viewer/src/store';
import type { Fed } from './viewer-limits';

const [total = 0] = process.argv.slice(2).map(Number);
