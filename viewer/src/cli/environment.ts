import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';

const REGISTER = '@org/kafka-otel/register';

/**
 * Variables of the user that are removed, because they would send the program's data elsewhere or undo the viewer's settings.
 */
const FOREIGN =
  /^OTEL_(EXPORTER_OTLP_|(TRACES|METRICS|LOGS)_EXPORTER$|CONFIG_FILE$|EXPERIMENTAL_CONFIG_FILE$)/;

/** The environment for the command: the program loads `register` and exports all telemetry to the viewer at short intervals. */
export function commandEnvironment(
  command: readonly string[],
  viewerUrl: string,
  outer: NodeJS.ProcessEnv,
  folder: string,
): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(outer).filter(([name]) => !FOREIGN.test(name)));
  const hasName =
    Boolean(kept.OTEL_SERVICE_NAME) || /(^|,)\s*service\.name=/.test(kept.OTEL_RESOURCE_ATTRIBUTES ?? '');
  return {
    // Other detectors would search for a cloud provider over the network.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
    // Otherwise each connection to a broker would be a separate trace.
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'net,dns',
    ...kept,
    ...(hasName ? {} : { OTEL_SERVICE_NAME: serviceName(command, folder) }),
    NODE_OPTIONS: [kept.NODE_OPTIONS, `--require ${quoted(registerPath(command, folder))}`]
      .filter(Boolean)
      .join(' '),
    OTEL_EXPORTER_OTLP_ENDPOINT: viewerUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_BLRP_SCHEDULE_DELAY: '200',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_METRIC_EXPORT_TIMEOUT: '1000',
  };
}

/** Quotes a path for NODE_OPTIONS, in which Node.js treats double quotes and backslashes specially. */
const quoted = (path: string): string => `"${path.replace(/[\\"]/g, '\\$&')}"`;

/** The path of `register`: the program's own copy if it is installed together with the SDK, otherwise the viewer's copy. */
export function registerPath(command: readonly string[], folder: string): string {
  const file = fileOf(command, folder);
  const folders = [...(file === undefined ? [] : [dirname(file)]), folder];
  for (const from of folders) {
    try {
      const found = createRequire(join(from, 'program.js')).resolve(REGISTER);
      // Throws if the SDK is missing. Without the SDK, `register` starts nothing, so the viewer's copy is used: the viewer
      // depends on the SDK.
      createRequire(found).resolve('@opentelemetry/sdk-node');
      return found;
    } catch {
      continue;
    }
  }
  return require.resolve(REGISTER);
}

/** The name in the program's nearest package.json, or else the name of its file or of the command. */
export function serviceName(command: readonly string[], folder: string): string {
  const file = fileOf(command, folder);
  let current = file === undefined ? folder : dirname(file);
  for (;;) {
    const name = nameIn(join(current, 'package.json'));
    if (name !== undefined) return name;
    const parent = dirname(current);
    if (parent === current) break;
    current = parent;
  }
  const path = file ?? command[0] ?? 'program';
  return basename(path, extname(path));
}

function nameIn(manifest: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: unknown };
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch {
    return undefined;
  }
}

/** The first argument of the command that is a file, such as `app.js` in `node app.js`. */
function fileOf([, ...args]: readonly string[], folder: string): string | undefined {
  return args
    .filter(arg => !arg.startsWith('-') && /\.[cm]?[jt]sx?$/.test(arg))
    .map(arg => resolve(folder, arg))
    .find(path => existsSync(path));
}
