import type { Cluster, Topics } from '../../compat/broker';
import { differencesOf, incompatibilityOf } from '../../compat/differences';
import { EXPECTED_OUTPUT } from '../../compat/expected';
import { outputFaults, telemetryFaults } from '../../compat/judge';
import type { Run } from '../../compat/run';

const topics = Object.fromEntries(
  ['one', 'forwarded', 'many', 'batch', 'left', 'right', 'paid', 'unpaid', 'made'].map(role => [
    role,
    `${role}-1234`,
  ]),
) as unknown as Topics;
const cluster: Cluster = { id: 'cluster', leaders: {} };
const run = (own: Partial<Run>): Run => ({
  output: EXPECTED_OUTPUT,
  spans: [],
  metrics: [],
  stderr: '',
  ...own,
});
const subjects = (faults: readonly string[]): (string | undefined)[] =>
  faults.map(fault => fault.split('\n')[0]);

test('a program that says what is expected has no fault; one that says less, more or on stderr has', () => {
  expect(outputFaults(run({}), [])).toEqual([]);
  expect(subjects(outputFaults(run({ output: { ...EXPECTED_OUTPUT, many: undefined } }), []))).toEqual([
    'step many',
  ]);
  expect(outputFaults(run({ stderr: 'a warning' }), [])).toEqual(['stderr: a warning']);
  expect(outputFaults(run({ failure: 'it hangs' }), [])[0]).toMatch(/^it hangs/);
});

test('every span and every metric that is missing is a fault', () => {
  const faults = subjects(telemetryFaults(run({}), [], cluster, topics));
  expect(faults).toEqual(
    expect.arrayContaining([
      'span send one',
      'span process many #3',
      'span process batch',
      'span transaction #2',
      'span deleteTopics made',
      'metric messaging.client.sent.messages of forwarded',
      'metric kafka.consumer.records_lag of many',
      'metric kafka.consumer.heartbeat_age of many: never seen',
    ]),
  );
});

test('what a release of kafkajs lacks is not expected of it, and of others it is', () => {
  const [oldest, newer] = ['1.4.0', '1.5.1'].map(kafkajs =>
    subjects(
      telemetryFaults(
        run({}),
        differencesOf({ kafkajs: kafkajs as '1.4.0', kafka: '3.9.2' }),
        cluster,
        topics,
      ),
    ),
  );
  expect(oldest).not.toContain('span send paid');
  expect(oldest).toContain('span process batch #2');
  expect(newer).toContain('span send paid');
  expect(newer).toContain('span process batch');
});

test('a span that nobody expects is a fault, also one of a step that kafkajs does not have', () => {
  const span: Run['spans'][number] = {
    traceId: 'trace',
    spanId: 'span',
    parentSpanId: undefined,
    traceState: '',
    name: `send ${topics.paid}`,
    kind: 'PRODUCER',
    start: 1n,
    end: 2n,
    attributes: {},
    events: [],
    links: [],
    status: { code: 'UNSET', message: '' },
    resource: {},
    service: '',
    scope: '',
    scopeVersion: '',
  };
  const differences = differencesOf({ kafkajs: '1.4.6', kafka: '3.9.2' });
  const faults = telemetryFaults(run({ spans: [span] }), differences, cluster, topics);
  expect(subjects(faults)).toContain('span send paid');
});

test('Kafka 4 refuses kafkajs 1.4, and older brokers do not', () => {
  expect(incompatibilityOf({ kafkajs: '1.4.6', kafka: '4.0.2' })).toBeDefined();
  expect(incompatibilityOf({ kafkajs: '1.4.6', kafka: '3.9.2' })).toBeUndefined();
  expect(incompatibilityOf({ kafkajs: '1.5.1', kafka: '4.4.0' })).toBeUndefined();
});
