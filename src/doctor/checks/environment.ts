import { PREFIX, isSwitchedOff, readList, readVariable } from '../../config/environment';
import { readSettings } from '../../config/settings';
import { chooseMode, complaints, wantsKafkaJs } from '../../register/environment';
import type * as Logging from '../../register/logging';
import type * as Sampling from '../../sampling/environment';
import { ok, problem, warning, type Finding } from '../finding';
import type { Program } from '../program';
import { meantVariable } from '../spelling';

export function checkEnvironment(program: Program): Finding[] {
  const found = [
    ...switches(program),
    ...wrongValues(program),
    ...propagators(program),
    ...misspelt(program),
  ];
  return found.length > 0 ? found : [ok('environment.ok', 'the environment variables are in order')];
}

function switches({ start: { environment }, wiring }: Program): Finding[] {
  const found: Finding[] = [];
  const off = (text: string, fix: string): unknown => found.push(problem('environment.off', text, fix));
  if (isSwitchedOff(undefined, environment))
    off(
      `kafkajs is switched off: ${PREFIX}ENABLED=false, or kafkajs in OTEL_NODE_DISABLED_INSTRUMENTATIONS`,
      'Unset it. To switch off the official instrumentation alone, do so in code.',
    );
  // An SDK without `register` reads this one too.
  if (chooseMode(environment) === 'off') off('OTEL_SDK_DISABLED=true: nothing is started', 'Unset it.');
  if (wiring?.kind === 'register' && !wantsKafkaJs(environment) && !isSwitchedOff(undefined, environment))
    off('OTEL_NODE_ENABLED_INSTRUMENTATIONS leaves kafkajs out', 'Add kafkajs to it.');
  if (readList(environment, 'OTEL_TRACES_EXPORTER')[0] === 'none')
    off('OTEL_TRACES_EXPORTER=none: spans go nowhere', 'Unset it.');
  const sampler = readVariable(environment, 'OTEL_TRACES_SAMPLER')?.toLowerCase();
  const ratio = readVariable(environment, 'OTEL_TRACES_SAMPLER_ARG');
  if (sampler?.endsWith('always_off') || (sampler?.endsWith('traceidratio') && Number(ratio ?? 1) === 0))
    off(
      `OTEL_TRACES_SAMPLER=${sampler} keeps no trace that starts here`,
      'Use parentbased_always_on, or a ratio above 0.',
    );
  return found;
}

/** Judged by the code that reads these variables when the program runs, so that both say the same. */
function wrongValues({ start: { environment } }: Program): Finding[] {
  const told: string[] = [];
  const report = (complaint: string): unknown => told.push(complaint);
  readSettings({}, environment, report);
  complaints(environment).forEach(report);
  try {
    // They need the API package, and its absence is told elsewhere.
    /* eslint-disable @typescript-eslint/no-require-imports */
    const { levelComplaint } = require('../../register/logging') as typeof Logging;
    const { samplerFrom } = require('../../sampling/environment') as typeof Sampling;
    /* eslint-enable @typescript-eslint/no-require-imports */
    const level = levelComplaint(environment);
    if (level !== undefined) report(level);
    samplerFrom(environment, report);
  } catch {
    // As said: told elsewhere.
  }
  return told.map(text => warning('environment.value', text, 'Correct it, or unset it.'));
}

function propagators({ start: { environment } }: Program): Finding[] {
  const names = readList(environment, 'OTEL_PROPAGATORS');
  if (names.length === 0 || names.includes('tracecontext')) return [];
  if (names.includes('none'))
    return [
      warning(
        'environment.propagators',
        'OTEL_PROPAGATORS=none: no trace goes from one service to the next',
        'Unset it.',
      ),
    ];
  return [
    warning(
      'environment.propagators',
      `OTEL_PROPAGATORS=${names.join(',')} leaves out tracecontext: services that know nothing else start traces of their own`,
      'Add tracecontext, unless every service on these topics speaks the same.',
    ),
  ];
}

function misspelt({ start: { environment } }: Program): Finding[] {
  return Object.keys(environment).flatMap(name => {
    const meant = meantVariable(name);
    return meant === undefined
      ? []
      : [warning('environment.unknown', `nothing reads ${name}`, `Is ${meant} meant?`)];
  });
}
