import { createTopics } from '../../support/topics';
import { run } from '../flow/run';

/** Encoder and decoder. */
const REQUEST = 2;
const NONE = 0;

const requires = async (isTraced: boolean) => {
  const env = { TRACED: isTraced ? 'yes' : 'no' };
  // Its own instrumentation is all that it is traced by.
  const { reported } = await run('requires.cjs', {
    topics: await createTopics({ orders: 1 }),
    env,
    bare: true,
    folder: 'cost',
  });
  return reported as Record<string, readonly number[]>;
};

test('bare kafkajs goes through every require hook with each request', async () => {
  expect(await requires(false)).toMatchObject({
    next: [REQUEST],
    underAnother: [REQUEST, REQUEST],
    nextUnderAnother: [REQUEST, REQUEST],
    disabled: [REQUEST, REQUEST],
    enabledAgain: [REQUEST, REQUEST],
  });
});

test('traced, it asks once, again when another hook has come, and as ever once it is not traced any more', async () => {
  expect(await requires(true)).toMatchObject({
    next: [NONE],
    underAnother: [REQUEST, REQUEST],
    nextUnderAnother: [NONE, NONE],
    disabled: [REQUEST, REQUEST],
    enabledAgain: [NONE, NONE],
  });
});
