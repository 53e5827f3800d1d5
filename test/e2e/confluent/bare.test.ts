import { confluentEnvironment, confluentLab, LAB_DEADLINE_MS } from '../../support/confluent';
import { startProgram } from '../../support/program';
import { createTopics } from '../../support/topics';

let lab: string;
beforeAll(async () => {
  lab = await confluentLab();
}, LAB_DEADLINE_MS);

test('a bare Confluent client produces and consumes on the test broker', async () => {
  const topics = await createTopics({ topic: 1 });
  const program = startProgram({
    file: 'fixtures/confluent/round-trip.cjs',
    env: { ...confluentEnvironment(lab), TOPICS: JSON.stringify(topics) },
  });
  const { code } = await program.exit;
  expect({ code, stderr: program.stderr }).toEqual({ code: 0, stderr: '' });
  const { topic } = topics;
  expect(JSON.parse(program.stdout)).toEqual({
    sent: [
      {
        topicName: topic,
        partition: 0,
        errorCode: 0,
        baseOffset: '0',
        logAppendTime: '-1',
        logStartOffset: '0',
      },
    ],
    received: { topic, partition: 0, offset: '0', key: 'k', value: 'hello', source: 'test' },
  });
});
