import { parseArgs } from 'node:util';

export type Arguments =
  | { readonly does: 'help' }
  | { readonly does: 'refuse'; readonly reason: string }
  | ({ readonly does: 'run' } & RunOptions);

export type Client = 'kafkajs' | 'confluent';

export interface RunOptions {
  readonly client: Client;
  readonly keep: boolean;
  readonly port: number;
  readonly withinMs: number;
}

export const HELP = `Usage: npm run demo [-- options]

Starts a real Apache Kafka, PostgreSQL, and three services without OpenTelemetry code; places a few orders over
HTTP, and prints their traces.

  --client NAME     the Kafka client of the services: kafkajs (default) or confluent, which is built on first use
  --keep            keep running, with a page that shows traces and metrics live; stop with Ctrl-C
  --port NUMBER     port of the page (default: a free one)
  --within SECONDS  maximum time until the trace of an order is complete (default 30)
  --help            show this text

  KAFKA_BROKERS=host:port   use this Kafka; default: start one with Docker, or with Java 17 and Maven
  KAFKA_VERSION=4.4.0       start another version of Kafka
  NO_COLOR, FORCE_COLOR     print no colours; print colours even without a terminal
  OTEL_INSTRUMENTATION_KAFKA_…
                            options of the instrumentation; some of them change the traces, and the demo then
                            reports them as incomplete

Exit status: 0 all traces are complete, 1 a trace is incomplete or something did not start, 2 wrong usage,
130 interrupted.
`;

export function readArguments(argv: readonly string[]): Arguments {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        client: { type: 'string', default: 'kafkajs' },
        help: { type: 'boolean', short: 'h' },
        keep: { type: 'boolean', default: false },
        port: { type: 'string', default: '0' },
        within: { type: 'string', default: '30' },
      },
    }));
  } catch (error) {
    return { does: 'refuse', reason: error instanceof Error ? error.message : String(error) };
  }
  if (values.help === true) return { does: 'help' };
  const { client } = values;
  if (client !== 'kafkajs' && client !== 'confluent') {
    return {
      does: 'refuse',
      reason: `--client must be kafkajs or confluent, got ${JSON.stringify(client)}`,
    };
  }
  const seconds = Number(values.within);
  // setTimeout accepts at most 2^31 ms, which is about 2,000,000 s.
  if (!(seconds > 0 && seconds < 2_000_000)) {
    return {
      does: 'refuse',
      reason: `--within must be a number of seconds from 0 to 2000000, got ${JSON.stringify(values.within)}`,
    };
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    return {
      does: 'refuse',
      reason: `--port must be a number from 0 to 65535, got ${JSON.stringify(values.port)}`,
    };
  }
  if (port > 0 && !values.keep)
    return {
      does: 'refuse',
      reason: '--port works only with --keep, because the demo shows no page without it',
    };
  return { does: 'run', client, keep: values.keep, port, withinMs: seconds * 1000 };
}
