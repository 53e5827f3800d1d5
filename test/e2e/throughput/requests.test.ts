import { createTopics } from '../../support/topics';
import { run } from '../flow/run';

interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
}

const runProgram = async (env: Record<string, string>) =>
  (
    await run('requests.cjs', {
      folder: 'throughput',
      topics: await createTopics({ asked: 1 }),
      bare: true,
      env,
    })
  ).reported;

test('with requestMetrics, every request event of kafkajs is measured by API and broker', async () => {
  const { announced, measured } = await runProgram({ OTEL_INSTRUMENTATION_KAFKA_REQUEST_METRICS: 'true' });
  const counted = (measured as Point[]).map(({ attributes, value }) => {
    const { 'kafka.api.name': api, 'server.address': host, 'server.port': port, ...rest } = attributes;
    expect(rest).toEqual({ 'messaging.system': 'kafka' });
    return [`${String(api)} ${String(host)}:${String(port)}`, value];
  });
  expect(Object.fromEntries(counted)).toEqual(announced);
  expect(Object.keys(announced as object)).toEqual(
    expect.arrayContaining(
      ['Produce', 'Fetch', 'JoinGroup'].map(api => expect.stringContaining(api) as unknown),
    ),
  );
});

test('without requestMetrics, no request is measured', async () => {
  expect(await runProgram({})).toMatchObject({ measured: [] });
});
