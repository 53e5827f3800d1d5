import { connect } from 'node:net';
import { readList, readVariable, type Environment } from '../../config/environment';
import { ok, problem, warning, type Finding } from '../finding';
import type { Program } from '../program';

/** How long a connection may take, in milliseconds. */
const CONNECT_TIMEOUT = 3000;

const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'];
const SPECIFIC = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
const GENERAL = 'OTEL_EXPORTER_OTLP_ENDPOINT';

interface Endpoint {
  readonly url: URL;
  readonly isGrpc: boolean;
}

/** Looks at where spans are sent, and whether anybody takes a connection there: the only use of the network. */
export async function checkExporter(program: Program, offline: boolean): Promise<Finding[]> {
  const { start, wiring, startsSdk, loading } = program;
  // Nothing is sent, which is told elsewhere.
  if (!wiring) return [];
  const inCode = loading.files.find(
    ({ code }) => !startsSdk && /\bnew\s+[\w.]*Exporter\s*\(\s*[^)\s]/.test(code),
  );
  if (inCode)
    return [
      ok('exporter.code', `${program.shown(inCode.path)} says in code where spans go; that is not looked at`),
    ];
  const exporters = readList(start.environment, 'OTEL_TRACES_EXPORTER');
  if (exporters.length > 0 && !exporters.includes('otlp')) return checkOtherExporters(exporters);
  const grpcInCode =
    !startsSdk &&
    loading.steps.some(
      step => step.kind === 'package' && step.name === '@opentelemetry/exporter-trace-otlp-grpc',
    );
  const endpoint = endpointOf(start.environment, grpcInCode);
  if ('level' in endpoint) return [endpoint];
  const mismatch = checkPort(endpoint) ?? checkPath(endpoint, start.environment);
  if (mismatch) return [mismatch];
  if (offline) return [ok('exporter.offline', `spans go to ${endpoint.url.href}; not tried (--offline)`)];
  return [await tryEndpoint(endpoint)];
}

function checkOtherExporters(names: readonly string[]): Finding[] {
  const unknown = names.filter(name => !['otlp', 'console', 'zipkin', 'none'].includes(name));
  if (unknown.length === 0)
    return names[0] === 'none' ? [] : [ok('exporter.other', `spans go to: ${names.join(', ')}`)];
  return [
    problem(
      'exporter.unknown',
      `OTEL_TRACES_EXPORTER=${unknown.join(',')} is no exporter that there is`,
      'Use otlp, console or zipkin.',
    ),
  ];
}

function endpointOf(environment: Environment, isGrpcInCode: boolean): Endpoint | Finding {
  const protocol =
    readVariable(environment, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ??
    readVariable(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL') ??
    'http/protobuf';
  if (!PROTOCOLS.includes(protocol))
    return problem(
      'exporter.protocol',
      `OTEL_EXPORTER_OTLP_PROTOCOL=${protocol} is no protocol that there is`,
      `Use one of: ${PROTOCOLS.join(', ')}.`,
    );
  const isGrpc = isGrpcInCode || protocol === 'grpc';
  const [name, text] =
    [SPECIFIC, GENERAL]
      .map(each => [each, readVariable(environment, each)] as const)
      .find(([, value]) => value !== undefined) ?? [];
  const given = text ?? `http://localhost:${isGrpc ? '4317' : '4318'}`;
  const hasScheme = /^\w+:\/\//.test(given);
  const url = parsed(hasScheme || !isGrpc ? given : `http://${given}`);
  if (!url || (!isGrpc && !/^https?:$/.test(url.protocol)))
    return problem(
      'exporter.url',
      `${name ?? GENERAL}=${given} is no URL`,
      'Write it with its scheme: http://collector:4318.',
    );
  return { url, isGrpc };
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** A collector's two ports: what speaks the wrong protocol at one is cut off, or waits in vain. */
function checkPort({ url, isGrpc }: Endpoint): Finding | undefined {
  if (isGrpc && url.port === '4318')
    return problem(
      'exporter.port',
      `${url.origin}: 4318 is the port for OTLP over HTTP, and the protocol is grpc`,
      'Use port 4317, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.',
    );
  if (!isGrpc && url.port === '4317')
    return problem(
      'exporter.port',
      `${url.origin}: 4317 is the port for OTLP over gRPC, and the protocol is HTTP`,
      'Use port 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc.',
    );
  return undefined;
}

/** The general variable is a base, to which the signal's path is added; the specific one is used as it is. */
function checkPath({ url, isGrpc }: Endpoint, environment: Environment): Finding | undefined {
  if (isGrpc) return undefined;
  const isSpecific = readVariable(environment, SPECIFIC) !== undefined;
  if (isSpecific && url.pathname === '/')
    return warning(
      'exporter.path',
      `${SPECIFIC} is used as it is, and ${url.href} has no path`,
      `Add /v1/traces, or set ${GENERAL} in its place.`,
    );
  if (!isSpecific && /\/v1\/(?:traces|metrics|logs)\/?$/.test(url.pathname))
    return problem(
      'exporter.path',
      `${GENERAL} is a base: spans would go to ${url.href.replace(/\/$/, '')}/v1/traces`,
      'Take the path off.',
    );
  return undefined;
}

function tryEndpoint({ url }: Endpoint): Promise<Finding> {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const where = `${url.hostname}:${port}`;
  return new Promise(resolve => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port });
    const unreachable = (reason: string): void => {
      socket.destroy();
      resolve(
        problem(
          'exporter.unreachable',
          `nothing takes spans at ${where}: ${reason}`,
          `Start a collector there, or set ${GENERAL}. Where it can be reached from the container only: --offline.`,
        ),
      );
    };
    socket.setTimeout(CONNECT_TIMEOUT, () => {
      unreachable(`no answer within ${CONNECT_TIMEOUT / 1000} s`);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      unreachable(error.code ?? error.message);
    });
    socket.once('connect', () => {
      socket.destroy();
      resolve(ok('exporter.ok', `spans go to ${url.href}, where a connection is taken`));
    });
  });
}
