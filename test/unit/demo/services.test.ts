import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceEnvironment } from '../../../demo/services';
import { names } from '../viewer/story';
import { projectRoot } from '../../support/program';

const SERVICES = ['order-api', 'payment-worker', 'receipt-mailer'] as const;
const CLIENTS = ['kafkajs', '@confluentinc/kafka-javascript'];

test.each([...SERVICES, 'kafka'])('%s contains no OpenTelemetry code', name => {
  const source = readFileSync(join(projectRoot, 'demo', 'services', `${name}.js`), 'utf8');
  expect(source).not.toMatch(/opentelemetry|otel|traceparent|tracer|span/i);
  // The service must not load other modules, because they could contain OpenTelemetry code.
  const modules = [...source.matchAll(/require\('([^']+)'\)/g)].map(([, module]) => module);
  const own = modules.filter(module => !/^(node:\w+(\/\w+)?|pg)$/.test(module ?? ''));
  expect(own).toEqual(name === 'kafka' ? CLIENTS : ['./kafka']);
});

test('services get the standard variables and the options of this package, but no tracing variables from the shell', () => {
  const env = serviceEnvironment(
    'payment-worker',
    {
      brokers: ['a:1', 'b:2'],
      names,
      database: { PGPORT: '5' },
      viewer: { url: 'http://viewer' },
    },
    {
      PATH: '/bin',
      NODE_OPTIONS: '--inspect',
      OTEL_SDK_DISABLED: 'true',
      PGHOST: 'elsewhere',
      OTEL_INSTRUMENTATION_KAFKA_PRODUCER_SPANS: 'message',
    },
  );
  expect(env).toMatchObject({
    PATH: '/bin',
    KAFKA_BROKERS: 'a:1,b:2',
    GROUP_ID: 'payment-worker',
    PGPORT: '5',
    OTEL_SERVICE_NAME: 'payment-worker',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://viewer',
    OTEL_INSTRUMENTATION_KAFKA_PRODUCER_SPANS: 'message',
  });
  expect(env).not.toHaveProperty('NODE_OPTIONS');
  expect(env).not.toHaveProperty('OTEL_SDK_DISABLED');
  expect(env).not.toHaveProperty('PGHOST');
});
