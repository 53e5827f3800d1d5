import { ok, warning, type Finding } from '../finding';
import type { LoadingStep } from '../loading';
import type { Program } from '../program';
import { AUTO } from '../wiring';

const OFFICIAL = '@opentelemetry/instrumentation-kafkajs';

/** Others that trace kafkajs, and how each is told to leave it. */
const OTHERS: Readonly<Record<string, { readonly name: string; readonly fix: string }>> = {
  'opentelemetry-instrumentation-kafkajs': {
    name: "Aspecto's instrumentation",
    fix: 'Take it out of the list of instrumentations.',
  },
  '@aspecto/opentelemetry': {
    name: 'Aspecto',
    fix: 'Take it out: it is superseded by OpenTelemetry itself.',
  },
  '@heliosphere/opentelemetry-instrumentation-kafkajs': {
    name: 'Helios',
    fix: 'Take it out of the list of instrumentations.',
  },
  '@lumigo/opentelemetry': { name: 'Lumigo', fix: 'Leave one of the two out.' },
  '@sentry/node': {
    name: 'Sentry',
    fix: "Leave its Kafka integration out: Sentry.init({ integrations: all => all.filter(({ name }) => name !== 'Kafka') }).",
  },
  'dd-trace': { name: 'Datadog', fix: 'Set DD_TRACE_KAFKAJS_ENABLED=false, unless you want both.' },
  newrelic: {
    name: 'New Relic',
    fix: 'Leave its feature flag kafkajs_instrumentation off, unless you want both.',
  },
  'elastic-apm-node': {
    name: 'Elastic APM',
    fix: 'Set ELASTIC_APM_DISABLE_INSTRUMENTATIONS=kafkajs, unless you want both.',
  },
  '@instana/collector': {
    name: 'Instana',
    fix: 'Set INSTANA_TRACING_DISABLE_INSTRUMENTATIONS=kafkajs, unless you want both.',
  },
  appdynamics: {
    name: 'AppDynamics',
    fix: 'See in its documentation how Kafka is left out, unless you want both.',
  },
  'zipkin-instrumentation-kafkajs': {
    name: 'Zipkin',
    fix: 'Take its wrapper off the client, unless you want both.',
  },
};

export function checkCompetitors(program: Program): Finding[] {
  const { loading, shown } = program;
  const loaded = new Map<string, LoadingStep & { kind: 'package' }>();
  for (const step of loading.steps)
    if (step.kind === 'package' && !loaded.has(step.name)) loaded.set(step.name, step);
  const others = Object.entries(OTHERS).flatMap(([name, other]) => {
    const step = loaded.get(name);
    if (!step) return [];
    const by = step.by === '' ? 'a preload' : shown(step.by);
    return [
      warning(
        'competitors.other',
        `${other.name} (${name}, loaded by ${by}) may trace kafkajs too: every message would have two spans`,
        other.fix,
      ),
    ];
  });
  const all = [...checkOfficial(program, loaded), ...others];
  return all.length > 0 ? all : [ok('competitors.none', 'no other instrumentation of kafkajs is loaded')];
}

/** Ours takes its place, and says so: a warning on every start that need not be. */
function checkOfficial(
  { loading, start }: Program,
  loaded: ReadonlyMap<string, LoadingStep & { kind: 'package' }>,
): Finding[] {
  const isDisabled = loading.files.some(({ code }) =>
    /@opentelemetry\/instrumentation-kafkajs['"]\s*:\s*\{[^}]*\benabled\s*:\s*(?:false|!1)/.test(code),
  );
  const isBundled =
    !isDisabled && loading.files.some(({ code }) => /\bgetNodeAutoInstrumentations\s*\(/.test(code));
  const isPreloaded = start.options.preloads.includes(`${AUTO}/register`);
  const direct = loaded.get(OFFICIAL);
  if (!direct && !isBundled && !isPreloaded) return [];
  return [
    warning(
      'competitors.official',
      `the official instrumentation is active too${direct ? '' : `, through ${AUTO}`}: this one takes its place`,
      isPreloaded
        ? `Preload @org/kafka-otel/register in the place of ${AUTO}/register.`
        : `Leave it out: getNodeAutoInstrumentations({ '${OFFICIAL}': { enabled: false } }).`,
    ),
  ];
}
