import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startCollector } from '../../../support/collector';
import type { ReceivedSpan } from '../../../support/otlp';
import { otlpEnvironment, projectRoot, startProgram } from '../../../support/program';
import { kafkajs } from './programs';
import { composed } from './wirings';

/**
 * Runs the two services of the compose file with their environment until the second service has handled an order from
 * the first. Then stops them with `SIGTERM`, as `docker compose down` does.
 */
export async function runExample(parent: string, env: Readonly<Record<string, string>>): Promise<object> {
  const app = mkdtempSync(join(parent, 'example-'));
  cpSync(join(projectRoot, 'deploy/example'), app, { recursive: true });
  for (const [place, source] of Object.entries(kafkajs)) {
    mkdirSync(dirname(join(app, place)), { recursive: true });
    symlinkSync(source, join(app, place));
  }
  const collector = await startCollector();
  try {
    const programs = (['payments', 'orders'] as const).map(name => {
      const { command, environment } = composed()[name];
      return startProgram({
        cwd: app,
        args: command.slice(1),
        env: {
          ...otlpEnvironment(collector),
          ...environment,
          // The addresses in the compose network do not exist here.
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          KAFKA_BROKERS: process.env['KAFKA_BROKERS'],
          ...env,
        },
      });
    });
    const handler = await collector.waitForSpan(({ name }) => name.startsWith('process '), 60_000);
    const sender = await collector.waitForSpan(({ spanId }) => spanId === handler.parentSpanId);
    for (const program of programs) program.kill('SIGTERM');
    const ends = await Promise.all(programs.map(program => program.exit));
    const nameOf = (id: string | undefined) => collector.spans.find(({ spanId }) => spanId === id)?.name;
    const summary = ({ service, name, parentSpanId }: ReceivedSpan) => ({
      service,
      name,
      parent: nameOf(parentSpanId),
    });
    return {
      sender: summary(sender),
      handler: summary(handler),
      scopes: [...new Set(collector.spans.map(({ scope }) => scope))],
      ends: ends.map(({ code, signal }) => ({ code, signal })),
    };
  } finally {
    await collector.close();
  }
}
