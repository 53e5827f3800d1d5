import { createTopics } from '../../support/topics';
import { run } from '../flow/run';

/** kafkajs requires two modules for a request: an encoder and a decoder. */
const REQUEST = 2;
const NONE = 0;

const requires = async (isTraced: boolean) => {
  const env = { TRACED: isTraced ? 'yes' : 'no' };
  // `bare`: the program starts its own instrumentation.
  const { reported } = await run('requires.cjs', {
    topics: await createTopics({ orders: 1 }),
    env,
    bare: true,
    folder: 'cost',
  });
  return reported as Record<string, readonly number[]>;
};

test('bare kafkajs calls the require hooks for each request', async () => {
  expect(await requires(false)).toMatchObject({
    next: [REQUEST],
    underAnother: [REQUEST, REQUEST],
    nextUnderAnother: [REQUEST, REQUEST],
    disabled: [REQUEST, REQUEST],
    enabledAgain: [REQUEST, REQUEST],
  });
});

test('instrumented kafkajs calls the require hooks only after a new hook is installed or while disabled', async () => {
  expect(await requires(true)).toMatchObject({
    next: [NONE],
    underAnother: [REQUEST, REQUEST],
    nextUnderAnother: [NONE, NONE],
    disabled: [REQUEST, REQUEST],
    enabledAgain: [NONE, NONE],
  });
});
