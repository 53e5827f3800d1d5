import type { LoadingStep } from '../modules';
import { ok, warning, type Findings } from '../finding';
import { AUTO_INSTRUMENTATIONS, placeOf, type Program } from '../program';

const OFFICIAL = '@opentelemetry/instrumentation-kafkajs';

/** Other packages that trace Kafka clients, with the advice how to turn their tracing off. */
const OTHERS: readonly (readonly [packageName: string, name: string, fix: string])[] = [
  [
    'opentelemetry-instrumentation-kafkajs',
    "Aspecto's instrumentation",
    'Remove it from the list of instrumentations.',
  ],
  ['@aspecto/opentelemetry', 'Aspecto', 'Remove it: OpenTelemetry itself has replaced it.'],
  [
    '@heliosphere/opentelemetry-instrumentation-kafkajs',
    'Helios',
    'Remove it from the list of instrumentations.',
  ],
  ['@lumigo/opentelemetry', 'Lumigo', 'Remove one of the two.'],
  [
    '@sentry/node',
    'Sentry',
    "Remove its Kafka integration: Sentry.init({ integrations: all => all.filter(({ name }) => name !== 'Kafka') }).",
  ],
  ['dd-trace', 'Datadog', 'Set DD_TRACE_KAFKAJS_ENABLED=false, unless you want both.'],
  ['newrelic', 'New Relic', 'Turn its feature flag kafkajs_instrumentation off, unless you want both.'],
  [
    'elastic-apm-node',
    'Elastic APM',
    'Set ELASTIC_APM_DISABLE_INSTRUMENTATIONS=kafkajs, unless you want both.',
  ],
  [
    '@instana/collector',
    'Instana',
    'Set INSTANA_TRACING_DISABLE_INSTRUMENTATIONS=kafkajs, unless you want both.',
  ],
  [
    'appdynamics',
    'AppDynamics',
    'Turn its Kafka support off as its documentation describes, unless you want both.',
  ],
  ['zipkin-instrumentation-kafkajs', 'Zipkin', 'Remove its wrapper from the client, unless you want both.'],
];

type PackageStep = Extract<LoadingStep, { kind: 'package' }>;

export function checkCompetitors(program: Program): Findings {
  // A package may be loaded several times. Keep its first load.
  const loaded: ReadonlyMap<string, PackageStep> = new Map(
    program.loading.steps
      .flatMap(step => (step.kind === 'package' ? [[step.name, step] as const] : []))
      .reverse(),
  );
  const others = OTHERS.flatMap(([packageName, name, fix]) => {
    const step = loaded.get(packageName);
    if (!step) return [];
    const by = step.by === '' ? 'a preload' : program.shortPath(step.by);
    return warning(
      'competitors.other',
      `${name} (${packageName}, loaded by ${by}) may trace Kafka clients too`,
      'every message gets two spans',
      fix,
      placeOf(program, step.by, packageName),
    );
  });
  const findings = [checkOfficial(program, loaded.get(OFFICIAL)), ...others];
  return findings.length > 0
    ? findings
    : [ok('competitors.none', 'no other instrumentation of Kafka clients is loaded')];
}

/** This package replaces the official instrumentation when both are active, and then logs a warning at every start. */
function checkOfficial(program: Program, direct: PackageStep | undefined): Findings {
  const { loading, start } = program;
  const isDisabled = loading.files.some(({ code }) =>
    /@opentelemetry\/instrumentation-kafkajs['"]\s*:\s*\{[^}]*\benabled\s*:\s*(?:false|!1)/.test(code),
  );
  const call = /\bgetNodeAutoInstrumentations\s*\(/;
  const caller = isDisabled ? undefined : loading.files.find(({ code }) => call.test(code));
  const isPreloaded = start.options.preloads.includes(`${AUTO_INSTRUMENTATIONS}/register`);
  if (!direct && !caller && !isPreloaded) return [];
  return warning(
    'competitors.official',
    `the official instrumentation is active too${direct ? '' : `, through ${AUTO_INSTRUMENTATIONS}`}`,
    'this package replaces it, and logs a warning at every start',
    isPreloaded
      ? `Preload @org/kafka-otel/register instead of ${AUTO_INSTRUMENTATIONS}/register.`
      : `Leave it out: getNodeAutoInstrumentations({ '${OFFICIAL}': { enabled: false } }).`,
    direct ? placeOf(program, direct.by, OFFICIAL) : placeOf(program, caller?.path ?? '', call),
  );
}
