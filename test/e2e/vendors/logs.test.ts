import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPage } from '../../docs/pages';
import { startCollector } from '../../support/collector';
import { installPackages } from '../../support/installed';
import { otlpEnvironment, registerPath, startProgram } from '../../support/program';
import { LOGGERS, vendorFolder } from '../../support/vendors';
import { emptyFolder } from '../loaders/support/project';
import { brokerEnvironment, createTopics } from '../loading/support/topics';

/** On a busy machine, it takes long to install a logger and to start `register`. */
jest.setTimeout(300_000);

/** The warning that the page quotes. */
const NOT_SENT =
  '@opentelemetry/winston-transport is not available, log records will not be automatically sent';

const page = readPage('docs/logs.md');
const { fences } = page;

/** The program on the page for a logger, with one message for its handler. */
const programOf = (logger: string): string => `
const { Kafka, logLevel } = require('kafkajs');
const { KAFKA_BROKERS, TOPIC: topic } = process.env;
const kafka = new Kafka({ brokers: [KAFKA_BROKERS], logLevel: logLevel.NOTHING });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: topic });
const handled = new Promise(resolve => consumer.on(consumer.events.END_BATCH_PROCESS, resolve));
(async () => {
  await producer.connect();
  await producer.send({ topic, messages: [{ key: 'lamp', value: '1' }] });
  await producer.disconnect();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  ${fences.find(({ text }) => text.includes(`require('${logger}')`))?.text ?? ''}
  await handled;
  await consumer.disconnect();
})();
`;

/** The line that the page shows. */
const shownFor = (logger: string): Record<string, unknown> => {
  const code = fences.findIndex(({ text }) => text.includes(`require('${logger}')`));
  const shown = fences.slice(code).find(({ language }) => language === 'json');
  return JSON.parse(shown?.text ?? '{}') as Record<string, unknown>;
};

test('the page quotes the warning about Winston', () => {
  expect(page.text.replace(/\s+/g, ' ')).toContain(NOT_SENT);
});

test.each(LOGGERS)('a line of %s has the ids of the span of its handler', async version => {
  const logger = version.replace(/@.*/, '');
  const folder = emptyFolder('logs');
  installPackages(folder);
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(vendorFolder(version), join(folder, 'node_modules', logger));
  writeFileSync(join(folder, 'app.js'), programOf(logger));
  const [collector, { orders }] = await Promise.all([startCollector(), createTopics(['orders'])]);
  try {
    const program = startProgram({
      file: 'app.js',
      cwd: folder,
      execArgv: ['--require', registerPath],
      env: {
        ...otlpEnvironment(collector, { logs: true }),
        ...brokerEnvironment,
        TOPIC: orders.name,
        NODE_NO_WARNINGS: '1',
      },
    });
    const { code } = await program.exit;
    const said = program.stderr.split('\n').filter(each => each !== '' && !each.includes(NOT_SENT));
    expect({ code, said }).toEqual({ code: 0, said: [] });
    const span = collector.spans.find(({ name }) => name === `process ${orders.name}`);
    const ids = { trace_id: span?.traceId, span_id: span?.spanId, trace_flags: '01' };
    const line = JSON.parse(program.stdout) as Record<string, unknown>;
    expect(line).toMatchObject({ ...shownFor(logger), ...ids });
    expect(Object.keys(shownFor(logger)).filter(name => !(name in line))).toEqual([]);
    // Winston's log records are sent only with a transport, which is not installed here.
    const sent =
      logger === 'pino' ? [{ body: 'order received', traceId: span?.traceId, spanId: span?.spanId }] : [];
    expect(collector.logs).toMatchObject(sent);
    expect(program.stderr.includes(NOT_SENT)).toBe(logger === 'winston');
  } finally {
    await collector.close();
  }
});
