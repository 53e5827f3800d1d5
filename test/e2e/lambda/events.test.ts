import { join } from 'node:path';
import { projectRoot, registerPath } from '../../support/program';
import { runToEnd, type FinishedRun } from '../../support/run-to-end';
import { expectSpans, type ExpectedSpan } from '../../support/spans';

/*
 * Events as in AWS's documentation, with trace headers of producers in other processes. OpenTelemetry's instrumentation
 * for Lambda is active. `msk.json` follows the example event of
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html, `self-managed.json` that of
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html: `eventSource`, `bootstrapServers` as one string, a list of
 * records for each `topic-partition`, keys and values in base64, and headers as lists of bytes.
 */

/** Name, preloads that start the SDK, and files of the function. */
const STARTS = [
  ['its own SDK', './fixtures/lambda/tracing.cjs', 'handler.cjs'],
  ['register', registerPath, 'handler.cjs'],
  ['register, as an ES module,', registerPath, 'module.mjs'],
] as const;

const invoke = (event: string, preload: string, file: string) =>
  runToEnd({
    file: 'fixtures/lambda/invoke.cjs',
    execArgv: ['--require', preload],
    topics: {},
    metrics: true,
    env: {
      EVENT: event,
      LAMBDA_TASK_ROOT: join(projectRoot, 'fixtures/lambda'),
      FUNCTION_FILE: file,
      _HANDLER: file.replace(/\.\w+$/, '.handler'),
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'aws-lambda,kafkajs',
    },
  });

const known = {
  [`${'a'.repeat(32)}-0000000000000001`]: 'producer a',
  [`${'b'.repeat(32)}-0000000000000001`]: 'producer b',
};
const label = ({ name, attributes }: FinishedRun['spans'][number]) => {
  const { 'messaging.kafka.offset': offset } = attributes;
  return offset === undefined ? name : `record ${Number(offset)}`;
};

const invocation = (related: Pick<ExpectedSpan, 'parent' | 'links'>): ExpectedSpan => ({
  name: 'billing',
  kind: 'SERVER',
  attributes: {
    'faas.invocation_id': '1',
    'cloud.resource_id': 'arn:aws:lambda:eu-north-1:123456789012:function:billing',
    'cloud.account.id': '123456789012',
    'faas.coldstart': true,
  },
  ...related,
});

const record = (partition: number, offset: number, related: Partial<ExpectedSpan>): ExpectedSpan => ({
  name: 'process mytopic',
  kind: 'CONSUMER',
  ...related,
  attributes: {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'mytopic',
    'messaging.destination.partition.id': String(partition),
    'messaging.kafka.partition': partition,
    'messaging.kafka.offset': offset,
    ...related.attributes,
  },
});

describe.each(STARTS)('with %s', (_start, preload, file) => {
  test('an MSK event of one producer: its span is the parent of the invocation, and its baggage is active', async () => {
    const { spans, metrics, reported, stderr } = await invoke('msk', preload, file);
    expect(stderr).toBe('');
    expect(reported).toEqual({ invocation: 'acme', handled: ['15 acme', '16 acme'] });
    const links = [{ to: 'producer a' }, { to: 'billing' }];
    expectSpans(spans, { known, label }).toEqual({
      billing: invocation({ parent: 'producer a', links: [{ to: 'producer a' }] }),
      'record 15': record(0, 15, {
        parent: 'producer a',
        links,
        attributes: { 'messaging.kafka.message.key': 'customer-7' },
      }),
      // The key of this record is binary.
      'record 16': record(0, 16, { parent: 'producer a', links }),
    });
    const ours = metrics.filter(({ scope }) => scope === '@org/kafka-otel').map(({ name }) => name);
    expect([...new Set(ours)].sort()).toEqual([
      'kafka.message.queue_time',
      'messaging.client.consumed.messages',
      'messaging.process.duration',
    ]);
  });

  test('a self-managed event of several producers: the invocation is linked to them, and each record continues its own trace', async () => {
    const { spans, reported, stderr } = await invoke('self-managed', preload, file);
    expect(stderr).toBe('');
    expect(reported).toEqual({ invocation: null, handled: ['15 null', '3 null', '4 null'] });
    expectSpans(spans, { known, label }).toEqual({
      billing: invocation({ links: [{ to: 'producer a' }, { to: 'producer b' }] }),
      'record 15': record(0, 15, {
        parent: 'producer a',
        links: [{ to: 'producer a' }, { to: 'billing' }],
        attributes: { 'messaging.kafka.message.key': 'customer-7' },
      }),
      'record 3': record(1, 3, { parent: 'producer b', links: [{ to: 'producer b' }, { to: 'billing' }] }),
      // This record has no headers.
      'record 4': record(1, 4, { parent: 'billing' }),
    });
  });
});
