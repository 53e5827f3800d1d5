import { missingIn, stepsOf, type Step } from '../../docs/program';
import { readPages } from '../../docs/pages';
import { createSandbox } from '../../docs/sandbox';
import { startCollector } from '../../support/collector';
import { createTopics } from '../../support/topics';

/** Pages that show a whole program, whose commands are typed here as a reader would. */
const pages = readPages().filter(({ fences }) => fences.some(({ notes }) => notes['file'] !== undefined));

/** Where a page says that Kafka and the collector are, and what it calls its topic. */
const BROKER = 'localhost:9092';
const COLLECTOR = 'http://localhost:4318';
const TOPIC = 'orders';

/** What the test's collector takes, and no look at the machine. */
const ENVIRONMENT = {
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_NODE_RESOURCE_DETECTORS: 'env',
};

/** Installing, and starting a Kafka or the demo, is for others to test. */
const isTyped = (step: Step): boolean =>
  step.does === 'write' || !['npm', 'docker', undefined].includes(step.command.words[0]);

test('there is such a page, with several commands, and what they print', () => {
  expect(pages.map(({ path }) => path)).toContain('docs/getting-started.md');
  for (const page of pages) {
    const typed = stepsOf(page).flatMap(step => (step.does === 'type' && isTyped(step) ? [step] : []));
    expect(typed.length).toBeGreaterThan(2);
    expect(typed.filter(({ output }) => output.length > 0).length).toBeGreaterThan(1);
  }
});

test.each(pages.map(page => [page.path, page] as const))(
  'who types along with %s sees what it says',
  async (_, page) => {
    const { orders } = await createTopics({ orders: 1 });
    const collector = await startCollector();
    const sandbox = createSandbox();
    const ofTheTest = (text: string) =>
      text
        .replaceAll(BROKER, process.env['KAFKA_BROKERS'] ?? '')
        .replaceAll(COLLECTOR, collector.url)
        .replaceAll(`'${TOPIC}'`, `'${orders}'`)
        .replaceAll("groupId: '", `groupId: '${orders}-`);
    const ofThePage = (output: string) => output.replaceAll(`${orders}-`, '').replaceAll(orders, TOPIC);
    try {
      for (const step of stepsOf(page).filter(isTyped)) {
        if (step.does === 'write') {
          sandbox.write(step.file, ofTheTest(step.text));
          continue;
        }
        const { command, output: expected, untilCtrlC } = step;
        const missing = (output: string) => missingIn(ofThePage(output), expected);
        const { output, code } = await sandbox.type(ofTheTest(command.text), ENVIRONMENT, each =>
          untilCtrlC ? missing(each).length === 0 : false,
        );
        expect({ [command.place]: missing(output), code, output }).toEqual({
          [command.place]: [],
          code: 0,
          output,
        });
        if (command.text.includes(COLLECTOR))
          expect(collector.spans.map(({ name, service }) => [service, name])).toContainEqual([
            command.environment['OTEL_SERVICE_NAME'],
            `send ${orders}`,
          ]);
      }
    } finally {
      sandbox.remove();
      await collector.close();
    }
  },
);
