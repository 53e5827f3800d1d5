import { parseArgs } from 'node:util';
import { DEFAULT_SPAN_LIMIT } from '../store/traces';

export interface ViewerOptions {
  /** Undefined: use port 4318, or any free port if another program uses 4318. */
  readonly port: number | undefined;
  readonly spanLimit: number;
  readonly trees: boolean;
  readonly keep: boolean;
  readonly open: boolean;
}

export type Arguments =
  | { readonly does: 'help' }
  | { readonly does: 'version' }
  | { readonly does: 'refuse'; readonly reason: string }
  | ({ readonly does: 'attach' } & ViewerOptions)
  | ({ readonly does: 'run'; readonly command: readonly [string, ...string[]] } & ViewerOptions);

/** The default port of OTLP over HTTP. */
export const DEFAULT_PORT = 4318;

export const HELP = `Usage: kafka-otel-viewer [options] -- command …
       kafka-otel-viewer --attach

Runs a Node.js program with tracing, and shows its traces, metrics and logs on a local page. Nothing leaves this machine.

  npx @org/kafka-otel-viewer -- node app.js
  npx @org/kafka-otel-viewer -- npm start

  --attach            run no command; show what programs export to http://localhost:${DEFAULT_PORT}
  --port NUMBER       port of the page and of OTLP over HTTP (default: ${DEFAULT_PORT}, or a free one if it is in use)
  --keep              keep the page after the command has ended; stop with Ctrl-C
  --open              open the page in the browser
  --no-tree           do not print new traces in the terminal
  --max-spans NUMBER  spans to store (default ${DEFAULT_SPAN_LIMIT} = about 50 MB); the oldest traces go first
  --version           show the version
  --help              show this text

A second viewer joins the first one: its program exports to the page that is open already.
Exit status: the one of the command; 2 for wrong usage; 127 if the command was not found.
`;

/** Everything after `--` is the command to run. */
export function readArguments(argv: readonly string[]): Arguments {
  const separator = argv.indexOf('--');
  const own = separator < 0 ? argv : argv.slice(0, separator);
  const [program, ...more] = separator < 0 ? [] : argv.slice(separator + 1);
  let values;
  try {
    ({ values } = parseArgs({
      args: [...own],
      options: {
        attach: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        keep: { type: 'boolean', default: false },
        'max-spans': { type: 'string', default: String(DEFAULT_SPAN_LIMIT) },
        'no-tree': { type: 'boolean', default: false },
        open: { type: 'boolean', default: false },
        port: { type: 'string' },
        version: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    const hint = separator < 0 ? '; write `--` before the command' : '';
    return { does: 'refuse', reason: reason + hint };
  }
  if (values.help) return { does: 'help' };
  if (values.version) return { does: 'version' };
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && (!/^\d+$/.test(values.port ?? '') || port > 65_535))
    return refuse(`--port must be a number from 0 to 65535, got ${JSON.stringify(values.port)}`);
  const spanLimit = Number(values['max-spans']);
  if (!/^\d+$/.test(values['max-spans']) || spanLimit < 100 || spanLimit > 5_000_000)
    return refuse(
      `--max-spans must be a number from 100 to 5000000, got ${JSON.stringify(values['max-spans'])}`,
    );
  const options = { port, spanLimit, trees: !values['no-tree'], keep: values.keep, open: values.open };
  if (values.attach) {
    if (program !== undefined) return refuse('--attach runs no command. Leave out --attach or the command');
    return { does: 'attach', ...options };
  }
  if (program === undefined || program === '')
    return refuse('The command is missing. Add one, for example `-- node app.js`, or use --attach');
  return { does: 'run', command: [program, ...more], ...options };
}

const refuse = (reason: string): Arguments => ({ does: 'refuse', reason });
