import { LAB_DEADLINE_MS, confluentLab } from '../../support/confluent';
import { expectTraces, startDemo, tracesOf } from '../demo-run';
import { leftBehind, suffixIn } from '../demo-topics';

jest.setTimeout(180_000);

// May build the client.
beforeAll(() => confluentLab(), LAB_DEADLINE_MS);

test("the demo's services make the same traces on Confluent's client", async () => {
  const demo = startDemo(['--client=confluent']);
  const { code } = await demo.exit;
  expect({ code, stderr: demo.stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('Stopping') as string,
  });
  const [one = '', declined = ''] = tracesOf(demo);
  expectTraces(one, declined);
  expect(await leftBehind(suffixIn(demo))).toEqual([]);
});
