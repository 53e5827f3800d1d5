import fc, { type Arbitrary } from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import type { Methods } from '../../mutant';
import type { Program } from '../../run/observe';
import type { Session } from '../../run/session';
import { settings } from '../../run/setting';
import { anything } from '../../values/anything';
import { SHAPES, objectOf } from '../../values/objects';
import { recipe, type Recipe } from '../../values/owned';
import type { Reply, Stored } from '../addon';
import type { ConfluentCopy } from '../copy';
import { capturedCluster, kafkaOf } from '../kafka';
import { argument, behaviour, handler, type Behaviour } from './handlers';
import { runConfigOf, type RunConfig } from '../../programs/shared';
import { reply } from './producing';

interface Call {
  readonly method:
    'commitOffsets' | 'seek' | 'pause' | 'resume' | 'paused' | 'run' | 'stop' | 'on' | 'assignment';
  readonly argument: Recipe;
}

interface Drawn extends RunConfig {
  readonly records: readonly (readonly Stored[])[];
  readonly autoCommit: boolean | undefined;
  readonly plan: readonly Behaviour[];
  readonly wrongRun: Recipe | undefined;
  readonly before: readonly Call[];
  readonly after: readonly Call[];
  readonly commits: readonly Reply[];
}

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function stored(): Arbitrary<Stored> {
  return fc.record({
    key: fc.constantFrom(null, 'key'),
    value: fc.constantFrom(null, 'value', ''),
    headers: fc.constantFrom<Stored['headers'][]>(
      [],
      [['id', '1']],
      [['traceparent', TRACEPARENT], ['id', '2'], ['id', '3']], // prettier-ignore
      [['traceparent', 'garbage'], ['baggage', 'a=b']], // prettier-ignore
      [['traceparent', TRACEPARENT.replace('b7', 'b8')], ['traceparent', TRACEPARENT], ['tracestate', 'x=y']], // prettier-ignore
      [['__proto__', 'x'], ['constructor', 'y']], // prettier-ignore
    ),
  });
}

function call(): Arbitrary<Call> {
  return fc
    .constantFrom<Call['method'][]>(
      'commitOffsets',
      'seek',
      'pause',
      'resume',
      'paused',
      'run',
      'stop',
      'on',
      'assignment',
    )
    .chain(method => argument(method).map(made => ({ method, argument: made })));
}

/** Programs that consume messages with the real loop of the library. */
export function consumerPrograms(): Arbitrary<Program<ConfluentCopy>> {
  return fc
    .record({
      setting: settings(),
      records: fc.array(fc.array(stored(), { maxLength: 5 }), { minLength: 1, maxLength: 2 }),
      autoCommit: fc.constantFrom(true, false, undefined),
      config: fc.record(
        {
          eachBatchAutoResolve: fc.constantFrom<unknown>(true, false, undefined, 0),
          partitionsConsumedConcurrently: fc.constantFrom<unknown>(1, 2, 2),
          unknown: fc.constant(1),
        },
        { requiredKeys: [] },
      ),
      shape: fc.oneof({ weight: 3, arbitrary: fc.constant('plain' as const) }, fc.constantFrom(...SHAPES)),
      handlers: fc.oneof<Arbitrary<Drawn['handlers']>[]>(
        { weight: 12, arbitrary: fc.constantFrom('eachMessage', 'eachBatch', 'both') } as never,
        { weight: 1, arbitrary: fc.constant('none') } as never,
        { weight: 1, arbitrary: anything().map(wrong => ({ wrong })) } as never,
      ),
      plan: fc.array(behaviour(), { maxLength: 6 }),
      wrongRun: fc.oneof(
        { weight: 8, arbitrary: fc.constant(undefined) },
        anything(),
        fc
          .tuple(
            fc.constantFrom(...SHAPES),
            fc.constantFrom('autoCommit', 'autoCommitInterval', 'autoCommitThreshold'),
          )
          .map(([shape, name]) =>
            objectOf(shape, [[name, recipe('undefined', ['refused option'], () => undefined)]]),
          ),
      ),
      before: fc.array(call(), { maxLength: 1 }),
      after: fc.array(call(), { maxLength: 1 }),
      // Rebalance in progress, unknown member, metadata too large, no offset.
      commits: fc.array(reply([27, 25, 12, -168]), { maxLength: 4 }),
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
        ...[...drawn.before, ...drawn.after].flatMap(each => each.argument.classes),
        ...(drawn.wrongRun?.classes ?? []),
        ...(typeof drawn.handlers === 'string' ? [drawn.handlers] : ['wrong handler']),
        drawn.shape,
      ],
      text: `${drawn.setting.text}\n${JSON.stringify({ ...drawn, setting: undefined }, null, 1)}`,
      run: session => consumeAll(session, drawn),
    }));
}

async function consumeAll(session: Session<ConfluentCopy>, drawn: Drawn): Promise<void> {
  const { owned } = session;
  const topic = owned.topic('orders');
  let isDrained = false;
  const drained = () => {
    isDrained = true;
  };
  capturedCluster(session, {
    // Handlers that run at the same time have an order that depends on microtasks.
    topics: {
      [topic]:
        drawn.config['partitionsConsumedConcurrently'] === 2 ? drawn.records.slice(0, 1) : drawn.records,
    },
    replies: { commit: drawn.commits },
    drained,
  });
  const { autoCommit } = drawn;
  const consumer = session.client(
    kafkaOf(session, ['captured:9092']).consumer({
      kafkaJS: { groupId: 'group', fromBeginning: true, ...(autoCommit === undefined ? {} : { autoCommit }) },
    }),
  );
  const on = (name: string, ...args: unknown[]) =>
    session.call(name, () => (consumer[name] as (...given: unknown[]) => unknown)(...args));
  const make = async ({ method, argument: made }: Call, when: string) => {
    const given = made.build(owned);
    await session.call(`${method} ${when}`, () =>
      (consumer[method] as (...args: unknown[]) => unknown)(
        ...(['paused', 'stop', 'assignment'].includes(method) ? [] : [given]),
      ),
    );
  };
  for (const each of drawn.before) await make(each, 'before connect');
  await on('connect');
  await on('subscribe', { topic });
  if (drawn.wrongRun) await on('run', drawn.wrongRun.build(owned));
  const config = configOf(session, drawn, consumer);
  await session.call('run', () => (consumer['run'] as (given: unknown) => unknown)(config));
  for (const each of drawn.after) await make(each, 'after run');
  await consuming(session, () => isDrained);
  await on('disconnect');
  await on('disconnect');
}

function configOf(session: Session<ConfluentCopy>, drawn: Drawn, consumer: Methods): unknown {
  const own = (name: string) =>
    recipe(name, [], owned => owned.own(handler(session, name, drawn.plan, consumer)));
  return runConfigOf(drawn, own).build(session.owned);
}

/**
 * The imitated binding answers within two turns. A consumer that does nothing for this many turns will not continue.
 */
const MAX_QUIET_TURNS = 50;

async function consuming({ log }: Session<ConfluentCopy>, isDrained: () => boolean): Promise<void> {
  let length = log.length;
  for (let quiet = 0; quiet < MAX_QUIET_TURNS && !isDrained(); quiet++) {
    await turn();
    if (log.length > length) quiet = 0;
    ({ length } = log);
  }
}
