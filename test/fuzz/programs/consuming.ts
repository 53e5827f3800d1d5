import fc, { type Arbitrary } from 'fast-check';
import type { Consumer } from 'kafkajs';
import type { Copy } from '../captured/copy';
import { capturedKafka } from '../captured/kafka';
import type { Reply } from '../captured/cluster';
import type { StoredRecord } from '../captured/topics';
import type { Program } from '../run/observe';
import type { Session } from '../run/session';
import { settings } from '../run/setting';
import { anything } from '../values/anything';
import { SHAPES } from '../values/objects';
import { recipe, type Recipe } from '../values/owned';
import { behaviour, handler, offsets, type HandlerBehaviour } from './handlers';
import { runConfigOf, type RunConfig } from './shared';

/** Maximum number of fetches. A consumer that pauses or seeks might never finish. */
const MAX_FETCHES = 25;

/** Maximum number of crashes. kafkajs would restart the consumer again and again. */
const MAX_CRASHES = 2;

interface Drawn extends RunConfig {
  readonly records: readonly (readonly StoredRecord[])[];
  readonly plan: readonly HandlerBehaviour[];
  readonly before: readonly Call[];
  readonly commits: readonly Reply[];
  readonly isLeftRunning: boolean;
}

interface Call {
  readonly method: 'commitOffsets' | 'seek' | 'pause' | 'resume' | 'paused' | 'run' | 'stop';
  readonly argument: Recipe;
}

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function stored(): Arbitrary<StoredRecord> {
  return fc.record({
    key: fc.constantFrom(null, 'key'),
    value: fc.constantFrom(null, 'value', ''),
    headers: fc.constantFrom<Record<string, string>[]>(
      {},
      { id: '1' },
      { traceparent: TRACEPARENT, id: '2' },
      { traceparent: 'garbage', baggage: 'a=b' },
      { traceparent: TRACEPARENT.replace('b7', 'b8'), tracestate: 'x=y' },
    ),
  });
}

/** Programs that consume messages with the real runner of kafkajs. */
export function consumerPrograms(): Arbitrary<Program<Copy>> {
  const call = fc
    .constantFrom<Call['method'][]>('commitOffsets', 'seek', 'pause', 'resume', 'paused', 'run', 'stop')
    .chain(method => offsets(method).map(argument => ({ method, argument })));
  return fc
    .record({
      setting: settings(),
      records: fc.array(fc.array(stored(), { maxLength: 5 }), { minLength: 1, maxLength: 2 }),
      config: fc.record(
        {
          autoCommit: fc.boolean(),
          autoCommitInterval: fc.constantFrom<unknown>(null, 0, 5000),
          autoCommitThreshold: fc.constantFrom<unknown>(null, 1, 3),
          eachBatchAutoResolve: fc.constantFrom<unknown>(true, false, undefined, 0),
          unknown: fc.constant(1),
        },
        { requiredKeys: [] },
      ),
      shape: fc.oneof({ weight: 2, arbitrary: fc.constant('plain' as const) }, fc.constantFrom(...SHAPES)),
      handlers: fc.oneof<Arbitrary<Drawn['handlers']>[]>(
        { weight: 10, arbitrary: fc.constantFrom('eachMessage', 'eachBatch', 'both') } as never,
        { weight: 1, arbitrary: fc.constant('none') } as never,
        { weight: 1, arbitrary: anything().map(wrong => ({ wrong })) } as never,
      ),
      plan: fc.array(behaviour(), { maxLength: 6 }),
      before: fc.array(call, { maxLength: 1 }),
      commits: fc.array(
        fc.oneof<Arbitrary<Reply>[]>(
          { weight: 8, arbitrary: fc.constant<Reply>('answer') } as never,
          // REBALANCE_IN_PROGRESS, UNKNOWN_MEMBER_ID, OFFSET_METADATA_TOO_LARGE
          fc.constantFrom(27, 25, 12).map(code => ({ code })),
        ),
        { maxLength: 4 },
      ),
      isLeftRunning: fc.boolean(),
    })
    .map(drawn => ({
      kind: 'consumer',
      setting: drawn.setting,
      classes: [
        ...drawn.setting.classes,
        ...drawn.plan.flatMap(({ end, what }) => [
          `handler ${end}`,
          ...(end === 'returns' ? [] : what.classes),
        ]),
        ...drawn.before.flatMap(({ argument }) => argument.classes),
        ...(typeof drawn.handlers === 'string' ? [drawn.handlers] : ['wrong handler']),
        drawn.shape,
      ],
      text: `${drawn.setting.text}\n${JSON.stringify({ ...drawn, setting: undefined }, null, 1)}`,
      run: session => consumeAll(session, drawn),
    }));
}

async function consumeAll(session: Session<Copy>, drawn: Drawn): Promise<void> {
  const { owned } = session;
  const topic = owned.topic('orders');
  let done: () => void = () => undefined;
  const isDone = new Promise<void>(resolve => (done = resolve));
  const kafka = capturedKafka(session, {
    topics: [{ topic, partitions: drawn.records }],
    replies: { OffsetCommit: drawn.commits },
    drained: done,
  });
  const consumer = session.client(
    kafka.consumer({
      groupId: `group-${topic}`,
      maxWaitTimeInMs: 1,
      heartbeatInterval: 0,
      retry: { retries: 1, initialRetryTime: 1, maxRetryTime: 1, factor: 0 },
    }),
  );
  let fetches = 0;
  let crashes = 0;
  consumer.on(consumer.events.FETCH, () => {
    if (++fetches >= MAX_FETCHES) done();
  });
  consumer.on(consumer.events.STOP, () => {
    session.note('stopped');
    done();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    session.note('crash', payload);
    if (!payload.restart || ++crashes >= MAX_CRASHES) done();
  });
  for (const each of drawn.before) await beforeRun(session, consumer, each);
  await session.call('connect', () => consumer.connect());
  await session.call('subscribe', () => consumer.subscribe({ topics: [topic], fromBeginning: true }));
  const config = configOf(session, drawn, () => consumer);
  await session.call('run', () => consumer.run(config as never));
  await session.call('consuming', () => isDone);
  if (!drawn.isLeftRunning) await session.call('stop', () => consumer.stop());
  await session.call('disconnect', () => consumer.disconnect());
}

function configOf(session: Session<Copy>, drawn: Drawn, consumer: () => Consumer): unknown {
  const own = (name: string) =>
    recipe(name, [], owned => owned.own(handler(session, name, drawn.plan, consumer)));
  return runConfigOf(drawn, own).build(session.owned);
}

async function beforeRun(
  session: Session<Copy>,
  consumer: Consumer,
  { method, argument }: Call,
): Promise<void> {
  const made = argument.build(session.owned);
  await session.call(`${method} before run`, () => {
    const args = method === 'run' || method === 'stop' || method === 'paused' ? [] : [made];
    return Reflect.apply(
      (consumer as unknown as Record<string, (...given: unknown[]) => unknown>)[method] ?? (() => undefined),
      consumer,
      args,
    );
  });
}
