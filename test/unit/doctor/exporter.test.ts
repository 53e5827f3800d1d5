import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { OWN_SDK, ZERO_CODE, issuesOf, diagnoseTree, installed, type Tree } from './layout';

const tried = (environment: Record<string, string>, tree: Tree = ZERO_CODE) =>
  diagnoseTree(tree, { environment, offline: false });

function listen(): Promise<Server> {
  return new Promise(resolve => {
    const server = createServer(socket => {
      socket.destroy();
    }).listen(0, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
const close = (server: Server) => new Promise(resolve => server.close(resolve));

test('a collector that accepts connections is ok, and an unreachable one is a problem', async () => {
  const server = await listen();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const there = await tried({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  expect(issuesOf(there)).toEqual([]);
  expect(there.findings.at(-1)?.what).toBe(`spans are sent to ${url}/, which accepts connections`);
  await close(server);
  const gone = await tried({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  expect(issuesOf(gone)).toEqual(['problem exporter.unreachable']);
  expect(gone.findings.at(-1)?.what).toContain('ECONNREFUSED');
});

test("the signal's own variable wins, and gRPC needs no scheme", async () => {
  const server = await listen();
  const { port } = server.address() as AddressInfo;
  const environment = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'nowhere.invalid:1',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `127.0.0.1:${port}`,
  };
  expect(issuesOf(await tried(environment))).toEqual([]);
  await close(server);
});

test('an exporter with an address in code is not checked', async () => {
  const tree = {
    ...OWN_SDK,
    'tracing.js': `${String(OWN_SDK['tracing.js'])} new OTLPTraceExporter({ url: 'http://127.0.0.1:1' });`,
  };
  const { findings } = await tried({}, tree);
  expect(findings.at(-1)).toMatchObject({ level: 'ok', code: 'exporter.code' });
});

test('the exporter package that a tracing file loads determines the protocol', async () => {
  const name = '@opentelemetry/exporter-trace-otlp-grpc';
  const tree = {
    ...OWN_SDK,
    ...installed(name, '0.223.0'),
    'tracing.js': `${String(OWN_SDK['tracing.js'])} const { OTLPTraceExporter } = require('${name}'); new OTLPTraceExporter();`,
  };
  expect(issuesOf(await tried({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, tree))).toEqual([
    'problem exporter.port',
  ]);
});

test('the console exporter needs no collector', async () => {
  expect(issuesOf(await tried({ OTEL_TRACES_EXPORTER: 'console' }))).toEqual([]);
});
