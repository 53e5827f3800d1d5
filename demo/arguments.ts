import { parseArgs } from 'node:util';

export type Arguments =
  | { readonly does: 'help' }
  | { readonly does: 'refuse'; readonly reason: string }
  | { readonly does: 'run'; readonly keep: boolean; readonly port: number; readonly withinMs: number };

export const HELP = `Usage: npm run demo [-- options]

Starts a real Apache Kafka, a PostgreSQL, and three services that contain no line of OpenTelemetry; places a few
orders over HTTP, and prints the traces of what became of them.

  --keep            stay up, with a page that shows traces and metrics live; Ctrl-C ends it
  --port NUMBER     the page's port (default: a free one)
  --within SECONDS  how long the trace of an order may take to be whole (default 30)
  --help            this text

  KAFKA_BROKERS=host:port   use this Kafka; else Docker, else Java 17 and Maven
  KAFKA_VERSION=4.4.0       another version of Kafka
  NO_COLOR, FORCE_COLOR     no colours; colours without a terminal
  OTEL_INSTRUMENTATION_KAFKA_…
                            options of the instrumentation, to be tried out; some make other traces than the demo
                            expects, and it will say so

Exit status: 0 all traces are whole, 1 one is not or something did not start, 2 wrong usage, 130 interrupted.
`;

/** Reads the command line. */
export function readArguments(argv: readonly string[]): Arguments {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
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
  const seconds = Number(values.within);
  // A longer time does not fit a timer.
  if (!(seconds > 0 && seconds < 2_000_000)) {
    return {
      does: 'refuse',
      reason: `--within takes a number of seconds above 0, not ${JSON.stringify(values.within)}`,
    };
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    return {
      does: 'refuse',
      reason: `--port takes a number from 0 to 65535, not ${JSON.stringify(values.port)}`,
    };
  }
  if (port > 0 && !values.keep)
    return { does: 'refuse', reason: '--port is that of the page, which comes with --keep only' };
  return { does: 'run', keep: values.keep, port, withinMs: seconds * 1000 };
}
