import { CLIENT_LIBRARIES, type ClientLibrary } from '../../clients';
import { PREFIX, isSwitchedOff, readList, readVariable, type Environment } from '../../config/environment';
import { readSettings } from '../../config/settings';
import { logLevelProblem } from '../../register/logging';
import { chooseMode, registerProblems, wantedClients } from '../../register/mode';
import { samplerFrom } from '../../sampling/environment';
import { closestTo } from '../../support/spelling';
import { flatten, ok, problem, warning, type Findings } from '../finding';
import type { Program } from '../program';
import type { Clients } from './clients';
import { choosesExporter, usesProvider } from './sdk';

export function checkEnvironment(program: Program, clients: Clients): Findings {
  const findings = flatten([
    checkSwitches(program, clients),
    checkValues(program),
    checkPropagators(program),
    checkSpelling(program),
  ]);
  return findings.length > 0 ? findings : ok('environment.ok', 'no environment variable needs to be changed');
}

function checkSwitches(program: Program, clients: Clients): Findings {
  const { environment } = program.start;
  const findings = [checkClientSwitches(program, clients)];
  const addOff = (what: string, why: string, fix: string): unknown =>
    findings.push(problem('environment.off', what, why, fix));
  // OTEL_SDK_DISABLED stops a NodeSDK, but has no effect on a tracer provider that the program creates without NodeSDK.
  if (chooseMode(environment) === 'off' && !usesProvider(program))
    addOff('OTEL_SDK_DISABLED is true', 'OpenTelemetry is off', 'Unset OTEL_SDK_DISABLED.');
  if (readList(environment, 'OTEL_TRACES_EXPORTER')[0] === 'none' && !choosesExporter(program))
    addOff('OTEL_TRACES_EXPORTER is none', 'spans are not exported', 'Unset OTEL_TRACES_EXPORTER.');
  const sampler = readVariable(environment, 'OTEL_TRACES_SAMPLER')?.toLowerCase();
  const ratio = readVariable(environment, 'OTEL_TRACES_SAMPLER_ARG');
  if (sampler?.endsWith('always_off') || (sampler?.endsWith('traceidratio') && Number(ratio ?? 1) === 0))
    addOff(
      `OTEL_TRACES_SAMPLER is ${sampler}${ratio === undefined ? '' : ` with ratio ${ratio}`}`,
      'no trace that starts here is sampled',
      'Use parentbased_always_on, or a ratio above 0.',
    );
  return findings;
}

/**
 * Reports variables that switch off clients of the program. The result is a problem if all clients are off, and
 * otherwise a warning.
 */
function checkClientSwitches({ start: { environment }, wiring }: Program, clients: Clients): Findings {
  const traced = clients.used.flatMap(({ isTraced, library }) => (isTraced ? library : []));
  const libraries = traced.length > 0 ? traced : CLIENT_LIBRARIES;
  const isRegister = wiring?.kind === 'register';
  const [, ofCode] =
    /\bclients\s*:\s*\[([^\]]*)\]/.exec(wiring?.kind === 'own' ? wiring.file.code : '') ?? [];
  const off = libraries.flatMap(library => {
    const isLeftOut = ofCode !== undefined && !new RegExp(`['"\`]${library.name}['"\`]`).test(ofCode);
    const reason = isLeftOut
      ? {
          reason: `the option clients does not contain ${library.name}`,
          fix: `Add '${library.name}' to the option, or leave the option out.`,
        }
      : whyOff(library, environment, isRegister);
    return reason === undefined ? [] : [{ library, ...reason }];
  });
  const isAllOff = off.length === libraries.length;
  const reasons = new Map(off.map(each => [each.reason, each]));
  return [...reasons.values()].map(({ library, reason, fix }) =>
    isAllOff
      ? problem('environment.off', reason, 'the instrumentation is off', fix)
      : warning('environment.off', reason, `${library.packageName} is not traced`, fix),
  );
}

function whyOff(
  { name, instrumentationName }: ClientLibrary,
  environment: Environment,
  isRegister: boolean,
): { readonly reason: string; readonly fix: string } | undefined {
  const disabled = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';
  const enabled = 'OTEL_NODE_ENABLED_INSTRUMENTATIONS';
  if (isSwitchedOff(undefined, environment))
    return {
      reason: `${PREFIX}ENABLED is false, or ${disabled} contains kafka`,
      fix: 'Unset the variable, or remove kafka from the list.',
    };
  if (isSwitchedOff(instrumentationName, environment))
    return {
      reason: `${disabled} contains ${instrumentationName}`,
      fix: `Remove ${instrumentationName} from the list.${name === 'kafkajs' ? ' To turn off only the official instrumentation, do so in code.' : ''}`,
    };
  // Only `register` reads OTEL_NODE_ENABLED_INSTRUMENTATIONS.
  if (isRegister && wantedClients([{ instrumentationName }], environment).length === 0)
    return {
      reason: `${enabled} does not contain ${instrumentationName}`,
      fix: `Add ${instrumentationName} to ${enabled}.`,
    };
  const { clients } = readSettings({}, environment, () => undefined);
  if (clients && !clients.includes(name))
    return { reason: `${PREFIX}CLIENTS does not contain ${name}`, fix: `Add ${name} to ${PREFIX}CLIENTS.` };
  return undefined;
}

/**
 * Checks the values of variables with the same code that reads them when the program runs. Therefore doctor and program
 * report the same problems.
 */
function checkValues({ start: { environment } }: Program): Findings {
  const problems: string[] = registerProblems(environment);
  const report = (problem: string): unknown => problems.push(problem);
  readSettings({}, environment, report);
  samplerFrom(environment, report);
  const level = logLevelProblem(environment);
  if (level !== undefined) report(level);
  return problems.map(text => {
    const [what = '', ...allowed] = text.split(/\. (?=[A-Z])/);
    const fix = ['Correct or unset the variable', ...allowed].join('. ');
    return warning('environment.value', what, 'the default is used', fix.replace(/[^?]$/, '$&.'));
  });
}

function checkPropagators({ start: { environment } }: Program): Findings {
  const names = readList(environment, 'OTEL_PROPAGATORS');
  if (names.length === 0 || names.includes('tracecontext')) return [];
  const isNone = names.includes('none');
  return warning(
    'environment.propagators',
    isNone ? 'OTEL_PROPAGATORS is none' : `OTEL_PROPAGATORS is ${names.join(',')}, without tracecontext`,
    isNone ? 'every service starts new traces' : 'services that use only tracecontext start new traces',
    isNone
      ? 'Unset OTEL_PROPAGATORS.'
      : 'Add tracecontext, unless every service on these topics uses the same propagators.',
  );
}

const checkSpelling = ({ start: { environment } }: Program): Findings =>
  Object.keys(environment).flatMap(name => {
    const similar = similarVariable(name);
    if (similar === undefined) return [];
    const what = `${name} is not a variable of OpenTelemetry`;
    return warning('environment.unknown', what, `it has no effect`, `Check the spelling: ${similar} exists.`);
  });

/** Variables of OpenTelemetry that a service is likely to set. */
const KNOWN = `
  SERVICE_NAME RESOURCE_ATTRIBUTES SDK_DISABLED LOG_LEVEL PROPAGATORS TRACES_EXPORTER METRICS_EXPORTER
  LOGS_EXPORTER TRACES_SAMPLER TRACES_SAMPLER_ARG EXPORTER_OTLP_ENDPOINT EXPORTER_OTLP_TRACES_ENDPOINT
  EXPORTER_OTLP_METRICS_ENDPOINT EXPORTER_OTLP_LOGS_ENDPOINT EXPORTER_OTLP_PROTOCOL
  EXPORTER_OTLP_TRACES_PROTOCOL EXPORTER_OTLP_METRICS_PROTOCOL EXPORTER_OTLP_LOGS_PROTOCOL
  EXPORTER_OTLP_HEADERS EXPORTER_OTLP_TRACES_HEADERS EXPORTER_OTLP_TIMEOUT EXPORTER_OTLP_CERTIFICATE
  EXPORTER_OTLP_INSECURE NODE_ENABLED_INSTRUMENTATIONS NODE_DISABLED_INSTRUMENTATIONS
  NODE_RESOURCE_DETECTORS SEMCONV_STABILITY_OPT_IN SEMCONV_EXCEPTION_SIGNAL_OPT_IN BSP_SCHEDULE_DELAY
  BSP_MAX_QUEUE_SIZE METRIC_EXPORT_INTERVAL
`
  .trim()
  .split(/\s+/)
  .map(name => `OTEL_${name}`);

/**
 * Finds an OpenTelemetry variable whose name differs by at most two letters. A name that differs more probably belongs
 * to another product.
 */
function similarVariable(name: string): string | undefined {
  if (!name.startsWith('OTEL') || KNOWN.includes(name)) return undefined;
  return closestTo(name, KNOWN);
}
