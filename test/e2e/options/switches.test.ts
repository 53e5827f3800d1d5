import { createTopics } from '../../support/topics';
import { forEachClient } from '../flow/client';
import { run, type Run } from './run';

const PREFIX = 'OTEL_INSTRUMENTATION_KAFKA_';
const OURS = '@org/kafka-otel';

/** The operations of the program, which are the first words of its span names. */
const ALL = ['transaction', 'send', 'process', 'process', 'commit', 'fetchTopicOffsets'];
const without = (...names: readonly string[]) => ALL.filter(name => !names.includes(name));

interface Row {
  readonly env: Readonly<Record<string, string>>;
  readonly spans: readonly string[];
  /** Whether metrics of consumers and producers are exported. `requests` is the same for requests to brokers. */
  readonly metrics: boolean;
  readonly requests?: true;
  readonly complaint?: RegExp;
}

const TABLE: Readonly<Record<string, Row>> = {
  'no option': { env: {}, spans: ALL, metrics: true },
  'commitSpans none': { env: { [`${PREFIX}COMMIT_SPANS`]: 'none' }, spans: without('commit'), metrics: true },
  'adminSpans none': {
    env: { [`${PREFIX}ADMIN_SPANS`]: 'NONE' },
    spans: without('fetchTopicOffsets'),
    metrics: true,
  },
  'metrics false': { env: { [`${PREFIX}METRICS`]: 'false' }, spans: ALL, metrics: false },
  'metrics false beside requestMetrics': {
    env: { [`${PREFIX}METRICS`]: 'false', [`${PREFIX}REQUEST_METRICS`]: 'true' },
    spans: ALL,
    metrics: false,
  },
  'requestMetrics true': {
    env: { [`${PREFIX}REQUEST_METRICS`]: 'true' },
    spans: ALL,
    metrics: true,
    requests: true,
  },
  'the kill switch': { env: { [`${PREFIX}ENABLED`]: 'false' }, spans: [], metrics: false },
  "OpenTelemetry's kill switch": {
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,kafkajs' },
    spans: [],
    metrics: false,
  },
  'a kill switch that says no': {
    env: { [`${PREFIX}ENABLED`]: 'no' },
    spans: ALL,
    metrics: true,
    complaint: /_ENABLED is "no", which is not allowed and is ignored\. Allowed: true or false/,
  },
};

/**
 * The rows that differ for Confluent's client: its name in OpenTelemetry's switch, and what the other switches turn
 * off.
 */
const OF_CONFLUENT: Readonly<Record<string, Row>> = {
  'no commit and admin spans, and requestMetrics, which this client does not have': {
    env: {
      [`${PREFIX}COMMIT_SPANS`]: 'none',
      [`${PREFIX}ADMIN_SPANS`]: 'none',
      [`${PREFIX}REQUEST_METRICS`]: 'true',
    },
    spans: without('commit', 'fetchTopicOffsets'),
    metrics: true,
  },
  'metrics false': { env: { [`${PREFIX}METRICS`]: 'false' }, spans: ALL, metrics: false },
  "OpenTelemetry's kill switch": {
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,confluent-kafka-javascript' },
    spans: [],
    metrics: false,
  },
};

forEachClient(client => {
  describe.each(Object.entries(client.name === 'kafkajs' ? TABLE : OF_CONFLUENT))(
    '%s',
    (_name, { env, spans, metrics, requests, complaint }) => {
      let program: Run;
      beforeAll(async () => {
        program = await run('operations.cjs', { client, topics: await createTopics({ 'my-topic': 1 }), env });
      }, 120_000);

      test('creates these spans', () => {
        const ours = program.spans.filter(({ scope }) => scope === OURS);
        expect(ours.map(({ name }) => name.split(' ')[0]).sort()).toEqual([...spans].sort());
      });

      test('creates these metrics', () => {
        const ours = program.metrics.filter(({ scope, points }) => scope === OURS && points.length > 0);
        const names = new Set(ours.map(({ name }) => name));
        expect({
          any: names.size > 0,
          sent: names.has('messaging.client.sent.messages'),
          consumed: names.has('messaging.client.consumed.messages'),
          commits: ours.some(({ points }) =>
            points.some(({ attributes }) => attributes['messaging.operation.name'] === 'commit'),
          ),
          requests: names.has('kafka.client.request.duration'),
        }).toEqual({
          any: metrics,
          sent: metrics,
          consumed: metrics,
          commits: metrics,
          requests: requests === true,
        });
      });

      test('causes a warning only if the value is invalid', () => {
        if (complaint) expect(program.stderr).toMatch(complaint);
        else expect(program.stderr).toBe('');
      });
    },
  );
});
