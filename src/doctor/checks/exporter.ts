import { connect } from 'node:net';
import { readList, readVariable, type Environment } from '../../config/environment';
import { ok, problem, warning, type Finding, type Findings } from '../finding';
import type { Program } from '../program';
import { choosesExporter } from './sdk';

const CONNECT_TIMEOUT_MS = 3000;

const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'];
const GRPC = { name: 'gRPC', port: '4317', protocol: 'grpc' };
const HTTP = { name: 'HTTP', port: '4318', protocol: 'http/protobuf' };
const TRACES_ENDPOINT = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
const BASE_ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

const SIGNAL_PATH = /\/v1\/(?:traces|metrics|logs)\/?$/;

interface Endpoint {
  readonly url: URL;
  readonly isGrpc: boolean;
}

/** Checks where spans are sent, and whether a connection can be opened. This is the only check that uses the network. */
export async function checkExporter(program: Program, offline: boolean): Promise<Findings> {
  const { start, wiring, startsSdk, loading } = program;
  // Nothing is traced, which `checkLoading` has already reported.
  if (!wiring) return [];
  const isInCode = choosesExporter(program);
  const inCode = startsSdk ? undefined : loading.files.find(({ code }) => hasOwnAddress(code, isInCode));
  if (inCode)
    return ok(
      'exporter.code',
      `the exporter for spans is set in code, in ${program.shortPath(inCode.path)}, and is not checked`,
    );
  const exporters = isInCode ? [] : readList(start.environment, 'OTEL_TRACES_EXPORTER');
  if (exporters.length > 0 && !exporters.includes('otlp')) return checkOtherExporters(exporters);
  const isGrpcInCode =
    !startsSdk &&
    loading.steps.some(
      step => step.kind === 'package' && step.name === '@opentelemetry/exporter-trace-otlp-grpc',
    );
  const endpoint = readEndpoint(start.environment, isGrpcInCode);
  if ('level' in endpoint) return endpoint;
  const mismatch = checkPort(endpoint) ?? checkPath(endpoint, start.environment);
  if (mismatch) return mismatch;
  if (offline)
    return ok('exporter.offline', `spans are sent to ${endpoint.url.href}, which is not checked (--offline)`);
  return await checkConnection(endpoint);
}

/**
 * True if the address of an exporter is set in code. Without options, an OTLP exporter reads its address from
 * environment variables.
 */
const hasOwnAddress = (code: string, isInCode: boolean): boolean =>
  [...code.matchAll(/\bnew\s+(?:\w+\.)?(\w*Exporter)\s*\(\s*(\S)/g)].some(
    ([, name = '', next]) =>
      !/Metric|Log|Prometheus/.test(name) && (next !== ')' || (isInCode && !name.startsWith('OTLP'))),
  );

function checkOtherExporters(names: readonly string[]): Findings {
  const unknown = names.filter(name => !['otlp', 'console', 'zipkin', 'none'].includes(name));
  if (unknown.length === 0)
    return names[0] === 'none'
      ? []
      : [ok('exporter.other', `the exporters for spans are ${names.join(', ')}`)];
  return problem(
    'exporter.unknown',
    `OTEL_TRACES_EXPORTER is ${unknown.join(',')}, which is not a known exporter`,
    `spans may not be exported`,
    'Set OTEL_TRACES_EXPORTER to otlp, console or zipkin.',
  );
}

function readEndpoint(environment: Environment, isGrpcInCode: boolean): Endpoint | Finding {
  const protocol =
    readVariable(environment, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ??
    readVariable(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL') ??
    'http/protobuf';
  if (!PROTOCOLS.includes(protocol))
    return problem(
      'exporter.protocol',
      `unknown OTLP protocol "${protocol}"`,
      `spans may not be exported`,
      `Set OTEL_EXPORTER_OTLP_PROTOCOL to one of: ${PROTOCOLS.join(', ')}.`,
    );
  const isGrpc = isGrpcInCode || protocol === 'grpc';
  const [name, text] =
    [TRACES_ENDPOINT, BASE_ENDPOINT]
      .map(each => [each, readVariable(environment, each)] as const)
      .find(([, value]) => value !== undefined) ?? [];
  const given = text ?? `http://localhost:${(isGrpc ? GRPC : HTTP).port}`;
  const hasScheme = /^\w+:\/\//.test(given);
  const url = parseUrl(hasScheme || !isGrpc ? given : `http://${given}`);
  if (!url || (!isGrpc && !/^https?:$/.test(url.protocol)))
    return problem(
      'exporter.url',
      `${name ?? BASE_ENDPOINT} is "${given}", which is not a URL`,
      `spans cannot be sent`,
      'Include the scheme, for example: http://collector:4318.',
    );
  return { url, isGrpc };
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/**
 * Finds a default port of the collector that does not fit the protocol: 4318 with gRPC, or 4317 with HTTP. With such a
 * port, connections would be closed, or requests would time out.
 */
function checkPort({ url, isGrpc }: Endpoint): Finding | undefined {
  const [used, other] = isGrpc ? [GRPC, HTTP] : [HTTP, GRPC];
  if (url.port !== other.port) return undefined;
  return problem(
    'exporter.port',
    `the protocol is ${used.name}, but ${other.port} in ${url.origin} is the port for OTLP over ${other.name}`,
    `spans are lost`,
    `Use port ${used.port}, or set OTEL_EXPORTER_OTLP_PROTOCOL=${other.protocol}.`,
  );
}

/**
 * Checks the path of the URL. The SDK appends `/v1/traces` to OTEL_EXPORTER_OTLP_ENDPOINT, but uses
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT unchanged.
 */
function checkPath({ url, isGrpc }: Endpoint, environment: Environment): Finding | undefined {
  if (isGrpc) return undefined;
  const isSpecific = readVariable(environment, TRACES_ENDPOINT) !== undefined;
  if (isSpecific && url.pathname === '/')
    return warning(
      'exporter.path',
      `${TRACES_ENDPOINT} is used unchanged, and ${url.href} has no path`,
      `a collector does not find spans there`,
      `Append /v1/traces, or set ${BASE_ENDPOINT} instead.`,
    );
  if (!isSpecific && SIGNAL_PATH.test(url.pathname))
    return problem(
      'exporter.path',
      `the SDK appends /v1/traces to ${BASE_ENDPOINT}`,
      `spans are sent to ${url.href.replace(/\/$/, '')}/v1/traces`,
      `Set it to ${url.href.replace(SIGNAL_PATH, '')}.`,
    );
  return undefined;
}

function checkConnection({ url }: Endpoint): Promise<Finding> {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const where = `${url.hostname}:${port}`;
  return new Promise(resolve => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port });
    const unreachable = (reason: string): void => {
      socket.destroy();
      resolve(
        problem(
          'exporter.unreachable',
          `no connection to ${where}, where spans are sent: ${reason}`,
          'spans are lost',
          `Start a collector there, or set ${BASE_ENDPOINT}. If it can be reached only where the program runs, use --offline.`,
        ),
      );
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
      unreachable(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      unreachable(error.code ?? error.message);
    });
    socket.once('connect', () => {
      socket.destroy();
      resolve(ok('exporter.ok', `spans are sent to ${url.href}, which accepts connections`));
    });
  });
}
