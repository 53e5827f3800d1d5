import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';

const REGISTER = '@org/kafka-otel/register';

/**
 * Removes variables of the user that would send the data of the program elsewhere or change the settings of the viewer.
 */
const FOREIGN =
  /^OTEL_(EXPORTER_OTLP_|(TRACES|METRICS|LOGS)_EXPORTER$|CONFIG_FILE$|EXPERIMENTAL_CONFIG_FILE$)/;

/**
 * Returns the environment for the command: the program loads `register` and exports all telemetry to the viewer at
 * short intervals.
 */
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
    // Other detectors would send requests to find a cloud provider.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
    // These instrumentations would create a separate trace for each connection to a broker.
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

/** In NODE_OPTIONS, double quotes and backslashes have a special meaning. */
const quoted = (path: string): string => `"${path.replace(/[\\"]/g, '\\$&')}"`;

/**
 * Returns the path of `register`. Uses the package that the program has installed, if the SDK is installed too.
 * Otherwise uses the package that the viewer depends on.
 */
export function registerPath(command: readonly string[], folder: string): string {
  const file = fileOf(command, folder);
  const folders = [...(file === undefined ? [] : [dirname(file)]), folder];
  for (const from of folders) {
    try {
      const found = createRequire(join(from, 'program.js')).resolve(REGISTER);
      // Throws if the SDK is missing. Without an SDK, `register` starts nothing. The viewer depends on an SDK.
      createRequire(found).resolve('@opentelemetry/sdk-node');
      return found;
    } catch {
      continue;
    }
  }
  return require.resolve(REGISTER);
}

/**
 * Returns the name in the nearest package.json of the program. If no package.json has a name, returns the name of the
 * program's file or of the command.
 */
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

/** Returns the first argument that is a script file, such as `app.js` in `node app.js`. */
function fileOf([, ...args]: readonly string[], folder: string): string | undefined {
  return args
    .filter(arg => !arg.startsWith('-') && /\.[cm]?[jt]sx?$/.test(arg))
    .map(arg => resolve(folder, arg))
    .find(path => existsSync(path));
}
