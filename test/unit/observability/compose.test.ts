import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../support/program';
import { DEFAULT_KAFKA_VERSION } from '../../support/kafka/versions';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
}

const text = (...path: string[]): string => readFileSync(join(projectRoot, ...path), 'utf8');
const { services } = parse(text('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const each = Object.entries(services);
const instrumented = each.filter(([, { environment }]) => environment?.['NODE_OPTIONS'] !== undefined);

test('Kafka starts alone, in the version of the tests', () => {
  expect(services['kafka']?.depends_on).toBeUndefined();
  expect(services['kafka']?.image).toBe(`apache/kafka:\${KAFKA_VERSION:-${DEFAULT_KAFKA_VERSION}}`);
});

test('each published port belongs to one service and is local to this machine', () => {
  const ports = each.flatMap(([, { ports: published = [] }]) => published);
  const outer = ports.map(port => /^127\.0\.0\.1:\$\{[A-Z]+_PORT:-(\d+)\}:\d+$/.exec(port)?.[1]);
  expect(outer).toEqual(expect.arrayContaining(['9092', '3000', '3001']));
  expect(new Set(outer).size).toBe(ports.length);
});

test('mounted files and build files are in the repository', () => {
  const mounted = each.flatMap(([, { volumes = [] }]) => volumes.map(volume => volume.split(':')));
  expect(mounted.length).toBeGreaterThan(4);
  for (const [source = '', target = '', mode] of mounted) {
    expect({ source, exists: existsSync(join(projectRoot, source)) }).toEqual({ source, exists: true });
    expect([target.startsWith('/'), mode]).toEqual([true, 'ro']);
  }
  for (const [, { build }] of each)
    if (build) expect(existsSync(join(projectRoot, build.dockerfile))).toBe(true);
});

test('a service waits only for existing services, and for health only if there is a health check', () => {
  for (const [, { depends_on: waits = {} }] of each) {
    const named = Array.isArray(waits)
      ? (waits as string[]).map(name => [name, 'service_started'] as const)
      : Object.entries(waits).map(
          ([name, wait]) => [name, (wait as { readonly condition: string }).condition] as const,
        );
    for (const [name, condition] of named) {
      expect(Object.keys(services)).toContain(name);
      if (condition === 'service_healthy') expect(services[name]?.healthcheck).toBeDefined();
    }
  }
});

test('each service of the demo runs under register, with its own name and an instance id', () => {
  expect(instrumented.map(([name]) => name)).toEqual(['order-api', 'payment-worker', 'receipt-mailer']);
  for (const [name, { environment = {}, command }] of instrumented) {
    expect(environment).toMatchObject({
      NODE_OPTIONS: '--require @org/kafka-otel/register',
      OTEL_SERVICE_NAME: name,
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_NODE_RESOURCE_DETECTORS: expect.stringContaining('serviceinstance') as string,
    });
    const program = command?.[1] ?? '';
    expect(existsSync(join(projectRoot, 'demo', 'services', program))).toBe(true);
    // Every variable must be read. The SDK reads OTEL_*, and pg reads PG*.
    const own = Object.keys(environment).filter(key => !/^(OTEL_|PG|NODE_OPTIONS$|KAFKAJS_)/.test(key));
    const read = text('demo', 'services', program) + text('demo', 'services', 'kafka.js');
    for (const key of own) expect(read).toContain(key);
  }
});

test('services send their telemetry to the OTLP port of the store', () => {
  const [, { environment = {} }] = instrumented[0] ?? ['', {}];
  expect(new URL(environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '')).toMatchObject({
    hostname: 'grafana',
    port: '4318',
  });
  expect(services['grafana']?.image).toMatch(/^grafana\/otel-lgtm:\d/);
});

test('the rate interval of Grafana is the export interval of the services', () => {
  const [, { environment = {} }] = instrumented[0] ?? ['', {}];
  const sources = text('observability', 'grafana', 'provisioning', 'datasources.yaml');
  const [, seconds] = /timeInterval: (\d+)s/.exec(sources) ?? [];
  expect(Number(environment['OTEL_METRIC_EXPORT_INTERVAL'])).toBe(Number(seconds) * 1000);
});

test('Prometheus finds its rules, and Grafana its dashboards, where they are mounted', () => {
  const mounts = new Map(
    (services['grafana']?.volumes ?? []).map(volume => volume.split(':') as [string, string]),
  );
  const prometheus = mounts.get('./observability/prometheus/prometheus.yaml') ?? '';
  const { rule_files: rules } = parse(text('observability', 'prometheus', 'prometheus.yaml')) as {
    readonly rule_files: readonly string[];
  };
  expect(rules.map(file => join(prometheus, '..', file))).toEqual([
    mounts.get('./observability/prometheus/rules/kafka.yaml'),
  ]);
  const { providers } = parse(text('observability', 'grafana', 'provisioning', 'dashboards.yaml')) as {
    readonly providers: readonly { readonly options: { readonly path: string } }[];
  };
  const folder = mounts.get('./observability/grafana/dashboards') ?? '';
  expect(providers.map(({ options }) => options.path)).toEqual([folder]);
  expect(services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']).toBe(
    `${folder}/kafka.json`,
  );
});
