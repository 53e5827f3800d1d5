/** The types of `@vercel/otel` that code examples use. Only `npm run test:loaders` installs the package. */
import type { Instrumentation } from '@opentelemetry/instrumentation';

export declare function registerOTel(options?: {
  readonly serviceName?: string;
  readonly instrumentations?: (Instrumentation | 'auto' | 'fetch')[];
}): void;
