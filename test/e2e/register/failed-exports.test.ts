import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startCollector, type CollectorBehaviour } from '../../support/collector';
import { otlpEnvironment, registerAlone, startProgram } from '../../support/program';

/** Starts a program that exports continuously. */
function startService(url: string, env: Readonly<Record<string, string>> = {}) {
  return startProgram({
    file: 'fixtures/register/records-always.cjs',
    execArgv: registerAlone,
    env: {
      ...otlpEnvironment({ url }, { metrics: true }),
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
      OTEL_METRIC_EXPORT_INTERVAL: '1500',
      OTEL_METRIC_EXPORT_TIMEOUT: '1400',
      ...env,
    },
  });
}

const lines = (stderr: string, url: string): string[] =>
  stderr.split('\n').map(line => line.replaceAll(url, 'URL'));

const said = (signal: string, problem: RegExp): unknown =>
  expect.stringMatching(
    new RegExp(
      `^kafka-otel: warning: ${signal} cannot be sent: ${problem.source}\\. This is logged once\\. Check the collector and the OTEL_EXPORTER_OTLP_\\* variables$`,
    ),
  );

test.each<[CollectorBehaviour, (path: string) => RegExp]>([
  [401, path => new RegExp(`URL${path} answered 401 Unauthorized`)],
  [404, path => new RegExp(`URL${path} answered 404 Not Found`)],
  [500, path => new RegExp(`URL${path} answered 500 Internal Server Error`)],
  ['hang', path => new RegExp(`no answer from URL${path}`)],
  ['refuse', path => new RegExp(`URL${path}: connect ECONNREFUSED [\\d.:]+`)],
])(
  'a service whose collector does this is told once for each signal, with address and reason: %s',
  async (behaviour, problem) => {
    const collector = await startCollector({ behaviour });
    try {
      const program = startService(collector.url);
      await program.line(/spans cannot be sent/);
      await program.line(/metrics cannot be sent/);
      // Wait for more failed exports. A closed port receives no requests.
      if (behaviour !== 'refuse') {
        const { length } = collector.requests;
        await collector.waitFor('more requests', () => collector.requests.length >= length + 4);
      }
      program.send('end');
      expect(await program.exit).toMatchObject({ code: 0 });
      expect(lines(program.stderr, collector.url).sort()).toEqual([
        '',
        said('metrics', problem('/v1/metrics')),
        said('spans', problem('/v1/traces')),
      ]);
    } finally {
      await collector.close();
    }
  },
);

/** No server listens on this port. */
const DEAD = 'http://127.0.0.1:1';
const REFUSED = /14 UNAVAILABLE: [^\n]+/;

const saidByGrpc = (signal: string): unknown =>
  expect.stringMatching(
    new RegExp(
      `^kafka-otel: warning: ${signal} cannot be sent by gRPC: ${REFUSED.source}\\. This is logged at most every 10 minutes\\. Check the collector and the OTEL_EXPORTER_OTLP_\\* variables$`,
    ),
  );

test('failed exports by gRPC are said once for each signal', async () => {
  const program = startService(DEAD, {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
  });
  await program.line(/spans or log records cannot be sent/);
  await program.line(/metrics cannot be sent/);
  program.send('end');
  expect(await program.exit).toMatchObject({ code: 0 });
  expect(lines(program.stderr, DEAD).sort()).toEqual([
    '',
    saidByGrpc('metrics'),
    saidByGrpc('spans or log records'),
    expect.stringMatching(/: the last spans were not sent and are lost: 14 UNAVAILABLE: /),
  ]);
});

test.each([
  ['metrics', 'spans', { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc' }],
  ['spans or log records', 'metrics', { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' }],
])(
  'failed %s are said if they are sent by gRPC, and %s that are sent by HTTP fail too',
  async (byGrpc, byHttp, env) => {
    const program = startService(DEAD, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', ...env });
    await program.line(new RegExp(`${byGrpc} cannot be sent by gRPC`));
    await program.line(new RegExp(`${byHttp} cannot be sent: http`));
  },
);

test('metrics that time out are said if they are sent by gRPC, and spans that are sent by HTTP hang', async () => {
  const collector = await startCollector({ behaviour: 'hang' });
  // This server accepts connections but never answers.
  const silent = await listening(createServer(() => undefined));
  try {
    const program = startService(collector.url, {
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: urlOf(silent),
    });
    await program.line(/metrics export timed out|metrics cannot be sent by gRPC/);
  } finally {
    silent.close();
    silent.closeAllConnections();
    await collector.close();
  }
});

test('a second failure is said again after the collector has accepted something', async () => {
  const answers = [401, 200, 401];
  let isAnswered: () => void = () => undefined;
  const server = await listening(
    createServer((request, response) => {
      request.resume().once('end', () => {
        response.writeHead(answers.length > 1 ? (answers.shift() ?? 401) : 401).end('{}');
        isAnswered();
      });
    }),
  );
  const url = urlOf(server);
  try {
    const program = startService(url, { OTEL_METRICS_EXPORTER: 'none' });
    await program.line(/spans cannot be sent/);
    await new Promise<void>(resolve => {
      isAnswered = () => {
        if (answers.length === 1 && count(program.stderr) === 2) resolve();
      };
    });
    program.send('end');
    await program.exit;
    expect(lines(program.stderr, url)).toEqual([
      said('spans', /URL\/v1\/traces answered 401 Unauthorized/),
      said('spans', /URL\/v1\/traces answered 401 Unauthorized/),
      '',
    ]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const count = (stderr: string): number => stderr.split('cannot be sent').length - 1;

const listening = (server: Server): Promise<Server> =>
  new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      resolve(server);
    });
  });
