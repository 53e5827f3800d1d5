import { faultsOf, startOwnCluster } from '../../fault-injection/cluster';
import { startCollector } from '../../support/collector';
import { LAB_DEADLINE_MS } from '../../support/confluent';
import { otlpEnvironment, startProgram } from '../../support/program';
import { expectSpans, type ExpectedSpan } from '../../support/spans';
import { CONFLUENT } from '../flow/client';
import { valuesBy } from '../options/run';

const topic = 'orders';

/** Runs the program until it exits. The broker stops answering when the program is connected. */
async function runWithFrozenBroker(bare = false) {
  const cluster = await startOwnCluster(1);
  const collector = await startCollector();
  try {
    const program = startProgram({
      file: 'fixtures/confluent/hanging.cjs',
      execArgv: bare ? [] : ['--require', './fixtures/tracing.cjs'],
      env: {
        ...otlpEnvironment(collector, { metrics: true }),
        // Metrics are cumulative, so one export at the exit is enough.
        OTEL_METRIC_EXPORT_INTERVAL: '600000',
        ...(await CONFLUENT.env()),
        KAFKA_BROKERS: cluster.brokers.join(','),
        TOPICS: JSON.stringify({ topic }),
      },
    });
    await program.line(/^connected$/);
    await faultsOf(cluster).signal(0, 'SIGSTOP');
    program.send('frozen');
    await program.line(/^done$/);
    const { code } = await program.exit;
    return {
      code,
      stdout: program.stdout,
      stderr: program.stderr,
      spans: collector.spans,
      metrics: collector.metrics,
    };
  } finally {
    await collector.close();
    await faultsOf(cluster).signal(0, 'SIGCONT');
    await cluster.stop();
  }
}

/**
 * Repeats a run whose sends settled. On a busy machine, the client sometimes still reports failed messages while it
 * disconnects, also without instrumentation.
 */
async function runUnsettled(bare = false) {
  for (let runs = 1; ; runs++) {
    const ran = await runWithFrozenBroker(bare);
    if (runs === 4 || ran.stdout.includes('{"settled":[]}')) return ran;
  }
}

const ATTRIBUTES = {
  'messaging.system': 'kafka',
  'messaging.operation.name': 'send',
  'messaging.operation.type': 'send',
  'messaging.destination.name': topic,
  'messaging.client.id': 'flow',
};

const abandoned = (count?: number): ExpectedSpan => ({
  name: `send ${topic}`,
  kind: 'PRODUCER',
  parent: 'send',
  attributes: {
    ...ATTRIBUTES,
    ...(count === undefined ? {} : { 'messaging.batch.message_count': count }),
    'error.type': 'abandoned',
  },
  status: {
    code: 'ERROR',
    message:
      'The producer disconnected before the result of the send was known. The messages may have been written.',
  },
});

test(
  'sends that never settle, because their producer gave up waiting for the broker, end as failed when it has disconnected',
  async () => {
    const [traced, bare] = [await runUnsettled(), await runUnsettled(true)];
    expect(traced).toMatchObject({ code: 0, stdout: bare.stdout, stderr: '' });
    expect(traced.stdout).toContain('{"settled":[]}');
    const label = ({ name, attributes }: (typeof traced.spans)[number]) => {
      if (name === 'send') return name;
      const count = attributes['messaging.batch.message_count'] === undefined ? 'one' : 'two';
      return attributes['error.type'] === undefined ? 'answered' : `abandoned ${count}`;
    };
    expectSpans(traced.spans, { label }).toEqual({
      answered: {
        name: `send ${topic}`,
        kind: 'PRODUCER',
        attributes: {
          ...ATTRIBUTES,
          'messaging.destination.partition.id': '0',
          'messaging.kafka.partition': 0,
          'messaging.kafka.offset': 0,
        },
      },
      send: { kind: 'INTERNAL' },
      'abandoned two': abandoned(2),
      'abandoned one': abandoned(),
    });
    expect(valuesBy(traced, 'messaging.client.sent.messages', 'error.type')).toEqual({
      none: 1,
      abandoned: 3,
    });
    expect(valuesBy(traced, 'messaging.client.operation.duration', 'error.type')).toEqual({
      none: 1,
      abandoned: 2,
    });
  },
  LAB_DEADLINE_MS,
);
