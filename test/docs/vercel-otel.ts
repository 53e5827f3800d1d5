/** The types of `@vercel/otel` that code examples use. It is installed only for `npm run test:loaders`. */
import type { Instrumentation } from '@opentelemetry/instrumentation';

export declare function registerOTel(options?: {
  readonly serviceName?: string;
  readonly instrumentations?: (Instrumentation | 'auto' | 'fetch')[];
}): void;
