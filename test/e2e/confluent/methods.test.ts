import { TRACED_METHODS } from '../../../src/clients/confluent/patch';
import { LAB_DEADLINE_MS, confluentEnvironment, confluentLab } from '../../support/confluent';
import { registerAlone, startProgram } from '../../support/program';

let lab: string;
beforeAll(async () => {
  lab = await confluentLab();
}, LAB_DEADLINE_MS);

const PROGRAM = `
  const { KafkaJS } = require('@confluentinc/kafka-javascript');
  const kafka = new KafkaJS.Kafka({ kafkaJS: { brokers: ['localhost:1'] } });
  const [producer, consumer] = [kafka.producer(), kafka.consumer({ kafkaJS: { groupId: 'g' } })];
  const own = Object.getOwnPropertyNames;
  console.log(JSON.stringify({ producer: own(producer), consumer: own(consumer) }));
`;

/** Methods that are wrapped only to observe them. They have no spans. */
const OBSERVED = {
  producer: ['dependentAdmin', 'disconnect'],
  consumer: ['connect', 'dependentAdmin', 'disconnect', 'seek'],
};

test("the traced methods of Confluent's clients are the ones that the library lists", async () => {
  const program = startProgram({
    args: ['-e', PROGRAM],
    execArgv: registerAlone,
    env: {
      ...confluentEnvironment(lab),
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'console',
      OTEL_LOGS_EXPORTER: 'none',
    },
  });
  const { code } = await program.exit;
  expect(code).toBe(0);
  const [line = ''] = program.stdout.split('\n').filter(each => each.startsWith('{"producer"'));
  const wrapped = JSON.parse(line) as typeof OBSERVED;
  for (const kind of ['producer', 'consumer'] as const)
    expect([...wrapped[kind]].sort()).toEqual([...TRACED_METHODS[kind], ...OBSERVED[kind]].sort());
});
