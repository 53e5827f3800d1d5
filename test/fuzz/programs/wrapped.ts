import fc, { type Arbitrary } from 'fast-check';
import { types } from 'node:util';
import type { Kafka } from 'kafkajs';
import type { Copy } from '../captured/copy';
import type { Program } from '../run/observe';
import type { Session } from '../run/session';
import { settings } from '../run/setting';
import { anything } from '../values/anything';
import type { Recipe } from '../values/owned';
import { batch, request } from './records';

/** How the wrapper of the program answers a call. The wrapper is between kafkajs and the instrumentation. */
const ANSWERS = ['returns', 'throws', 'resolves later', 'rejects later', 'is an async function'] as const;

const METHODS = ['send', 'sendBatch', 'transaction', 'commitOffsets', 'listTopics', 'deleteTopics'] as const;

/** With instrumentation, a result may arrive at most this many microtasks later. */
const MAX_DELAY = 2;

/**
 * Generates programs that wrap the clients of kafkajs, so that the test knows exactly when a result is available. The
 * instrumentation must call the wrapper synchronously, and must return the result unchanged and in time.
 */
export function wrappedPrograms(): Arbitrary<Program<Copy>> {
  return fc
    .record({
      setting: settings(),
      method: fc.constantFrom(...METHODS),
      answer: fc.constantFrom(...ANSWERS),
      what: anything(),
      argument: fc.oneof(request(), batch(), anything()),
    })
    .map(drawn => ({
      kind: 'wrapped',
      isWrapped: true,
      setting: drawn.setting,
      classes: [...drawn.setting.classes, ...drawn.argument.classes, ...drawn.what.classes],
      text: `${drawn.setting.text}\n${drawn.method}(${drawn.argument.text}), where a wrapper ${drawn.answer}: ${drawn.what.text}`,
      run: session => callWrapped(session, drawn),
    }));
}

interface Drawn {
  readonly method: (typeof METHODS)[number];
  readonly answer: (typeof ANSWERS)[number];
  readonly what: Recipe;
  readonly argument: Recipe;
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

async function callWrapped(session: Session<Copy>, { method, answer, what, argument }: Drawn): Promise<void> {
  const { Kafka, logLevel } = session.copy.kafkajs;
  const outcome = what.build(session.owned);
  const made = argument.build(session.owned);
  let settle: () => void = () => undefined;
  let inner: Promise<unknown> | undefined;
  session.copy.programWrapper.wrap = made => {
    (made as Methods)[method] = (...args) => {
      session.note('reached', args.length, args[0] === undefined);
      if (answer === 'returns') return outcome;
      if (answer === 'throws') throw outcome;
      if (answer === 'is an async function') return Promise.resolve(outcome);
      inner = new Promise((resolve, reject) => {
        settle = () => {
          if (answer === 'resolves later') resolve(outcome);
          else reject(outcome); // eslint-disable-line @typescript-eslint/prefer-promise-reject-errors -- programs do
        };
      });
      return inner;
    };
  };
  const kafka = new Kafka({ brokers: ['captured:9092'], logLevel: logLevel.NOTHING });
  const client = clientOf(session, kafka, method);
  let isSettled = false;
  const called = session.call(method, () => {
    const returned = client[method]?.(made);
    session.note('called');
    const settled = () => {
      isSettled = true;
    };
    if (types.isPromise(returned)) returned.then(settled, settled);
    return returned;
  });
  settle();
  if (inner) {
    await inner.catch(() => undefined);
    for (let late = 0; late < MAX_DELAY; late++) await Promise.resolve();
    session.note('in time', isSettled);
  }
  await called;
}

function clientOf(session: Session<Copy>, kafka: Kafka, method: string): Methods {
  const { copy } = session;
  try {
    if (method === 'commitOffsets')
      return session.client(kafka.consumer({ groupId: 'group' })) as unknown as Methods;
    if (method.endsWith('Topics')) return session.client(kafka.admin()) as unknown as Methods;
    return session.client(kafka.producer({ createPartitioner: () => () => 0 })) as unknown as Methods;
  } finally {
    copy.programWrapper.wrap = undefined;
  }
}
