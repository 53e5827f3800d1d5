import type { Command } from '../../docs/commands';
import { missingIn, stepsOf, type Step } from '../../docs/program';
import { readPages, type Page } from '../../docs/pages';
import { createSandbox } from '../../docs/sandbox';
import { startCollector } from '../../support/collector';
import { createTopics } from '../../support/topics';

/** Pages with a complete program. The test runs their commands as a reader would. */
const pages = readPages().filter(({ fences }) => fences.some(({ notes }) => notes['file'] !== undefined));

/** The addresses and the topic name on the pages. */
const BROKER = 'localhost:9092';
const COLLECTOR = 'http://localhost:4318';
const TOPIC = 'orders';

/** Settings for the collector of the test. No detector looks for resource attributes. */
const ENVIRONMENT = {
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_NODE_RESOURCE_DETECTORS: 'env',
};

/** Returns the commands that start a program in the viewer: first the consumer, then the producer. */
const viewed = (page: Page): Command[] =>
  stepsOf(page).flatMap(step =>
    step.does === 'type' && step.command.words[1] === '@org/kafka-otel-viewer' ? [step.command] : [],
  );

/** Name, service and kind of each span in the tree that the page shows. */
const shownTree = ({ fences }: Page): string[][] =>
  (fences.find(({ text }) => text.startsWith('trace '))?.text ?? '').split('\n').flatMap(line => {
    const [, ...span] = /^[│└├─ ]*(\S.*?) {2,}(\S+) +(producer|consumer) /.exec(line) ?? [];
    return span.length > 0 ? [span] : [];
  });

/** Leaves out the installation, Kafka, and the viewer, which has its own tests. */
const isTyped = (step: Step): boolean =>
  step.does === 'write' || !['npm', 'npx', 'docker', undefined].includes(step.command.words[0]);

test('at least one page has a complete program with commands and their output', () => {
  expect(pages.map(({ path }) => path)).toContain('docs/getting-started.md');
  for (const page of pages) {
    const typed = stepsOf(page).flatMap(step => (step.does === 'type' && isTyped(step) ? [step] : []));
    expect(typed.length).toBeGreaterThan(2);
    expect(typed.filter(({ output }) => output.length > 0).length).toBeGreaterThan(1);
  }
});

test.each(pages.map(page => [page.path, page] as const))(
  'the commands on %s print the output shown there',
  async (_, page) => {
    const { orders, again } = await createTopics({ orders: 1, again: 1 });
    const collector = await startCollector();
    const sandbox = createSandbox();
    const ofTheTest = (text: string, topic = orders) =>
      text
        .replaceAll(BROKER, process.env['KAFKA_BROKERS'] ?? '')
        .replaceAll(COLLECTOR, collector.url)
        .replaceAll(`'${TOPIC}'`, `'${topic}'`)
        .replaceAll("groupId: '", `groupId: '${topic}-`);
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

      // Start the programs as the viewer does, with `register` and an exporter. Use a new topic, because the old topic
      // has messages from the steps above.
      for (const step of stepsOf(page))
        if (step.does === 'write') sandbox.write(step.file, ofTheTest(step.text, again));
      const environment = {
        ...ENVIRONMENT,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_METRICS_EXPORTER: 'none',
      };
      const [consumer = '', producer = ''] = viewed(page).map(({ text }) =>
        text.replace(/npx \S+ -- node /, 'node --require @org/kafka-otel/register '),
      );
      const consumed = sandbox.type(consumer, environment, output => output.includes('billed one lamp'));
      await sandbox.type(producer, environment);
      await consumed;
      const processed = collector.spans.find(({ name }) => name === `process ${again}`);
      const sent = collector.spans.find(({ spanId }) => spanId === processed?.parentSpanId);
      const received = [sent, processed].map(span => [
        span?.name.replace(again, TOPIC),
        span?.service,
        span?.kind.toLowerCase(),
      ]);
      expect(received).toEqual(shownTree(page));
    } finally {
      sandbox.remove();
      await collector.close();
    }
  },
);
