import { join } from 'node:path';
import type { TraceList } from '../../../viewer/src/page-data';
import type { TraceView } from '../../../viewer/src/serving/trace-view';
import { otlpEnvironment, projectRoot, registerPath, startProgram } from '../../support/program';
import { createTopics } from '../../support/topics';
import { poll } from './poll';

test('an attached viewer shows what a program exports to localhost, with a log record at its span', async () => {
  const { orders } = await createTopics({ orders: 1 });
  const viewer = startProgram({
    execArgv: ['--require', 'tsx/cjs'],
    args: [join(projectRoot, 'viewer', 'src', 'cli.ts'), '--attach', '--port', '0'],
  });
  const [, url = ''] = await viewer.line(/OTEL_EXPORTER_OTLP_ENDPOINT=(http:\/\/127\.0\.0\.1:\d+)\./);
  const program = startProgram({
    file: 'fixtures/viewer/round-trip.cjs',
    execArgv: ['--require', registerPath],
    env: {
      ...otlpEnvironment({ url: url.replace('127.0.0.1', 'localhost') }, { service: 'shop', logs: true }),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      KAFKA_BROKERS: process.env['KAFKA_BROKERS'],
      TOPIC: orders,
      LOGS: 'yes',
    },
  });
  expect((await program.exit).code).toBe(0);
  await viewer.line(`process ${orders}`);

  const list = await poll<TraceList>(`${url}/traces?topic=${orders}`, ({ traces }) =>
    traces.some(({ spans, logs }) => spans === 2 && logs === 1),
  );
  expect(list.traces).toHaveLength(1);
  const response = await fetch(`${url}/traces/${list.traces[0]?.id ?? ''}`);
  const { spans, logs } = (await response.json()) as TraceView;
  expect(
    spans.map(({ name, service, logs }) => [name, service, logs.map(log => [log.severity, log.body])]),
  ).toEqual([
    [`send ${orders}`, 'shop', []],
    [`process ${orders}`, 'shop', [['WARN', 'almost sold out']]],
  ]);
  expect(logs).toEqual([]);

  viewer.kill('SIGINT');
  expect((await viewer.exit).code).toBe(0);
});

test('a request that is not OTLP is refused, and the viewer says so once', async () => {
  const viewer = startProgram({
    execArgv: ['--require', 'tsx/cjs'],
    args: [join(projectRoot, 'viewer', 'src', 'cli.ts'), '--attach', '--port', '0'],
  });
  const [, url = ''] = await viewer.line(/OTEL_EXPORTER_OTLP_ENDPOINT=(http:\/\/127\.0\.0\.1:\d+)\./);
  const post = async (body: string, type = 'application/json') =>
    (await fetch(`${url}/v1/traces`, { method: 'POST', body, headers: { 'content-type': type } })).status;
  expect([await post('no JSON'), await post('no JSON'), await post('{}', 'text/plain')]).toEqual([
    400, 400, 415,
  ]);
  await viewer.line(/^Refused a request to \/v1\/traces: content-type must be /);
  expect(
    viewer.stderr.match(/Refused a request to \/v1\/traces: the body is not an OTLP\/JSON/g),
  ).toHaveLength(1);
  viewer.kill('SIGINT');
  expect((await viewer.exit).code).toBe(0);
});
