import { chooseMode } from '../../register/environment';
import { ok, problem, warning, type Finding } from '../finding';
import { findPackage } from '../packages';
import type { Program } from '../program';
import { isAtLeast } from '../versions';
import { hasInlinedSdk } from '../wiring';

export function checkSdk(program: Program): Finding[] {
  const { wiring, ownSdk, start, loading } = program;
  if (!wiring || chooseMode(start.environment) === 'off') return [];
  if (wiring.kind === 'inlined' && (wiring.register === 'blind' || hasInlinedSdk(loading))) return [];
  if (program.startsSdk) return checkRegister(program);
  if (!ownSdk)
    return [
      problem(
        'sdk.none',
        'nothing starts an OpenTelemetry SDK: spans would be no-ops',
        wiring.kind === 'register'
          ? 'Unset OTEL_INSTRUMENTATION_KAFKA_REGISTER, and register starts one.'
          : 'Start NodeSDK of @opentelemetry/sdk-node beside the instrumentation, or use @org/kafka-otel/register.',
      ),
    ];
  const { step } = ownSdk;
  if (!step.found)
    return [
      problem('sdk.missing', `${step.specifier} is not installed`, `Run \`npm install ${step.name}\`.`),
    ];
  const makes = loading.files.some(({ code }) => /\bnew\s+(?:\w+\.)?NodeSDK\b/.test(code));
  if (makes && !loading.files.some(({ code }) => /\.start\s*\(/.test(code)))
    return [problem('sdk.notStarted', 'NodeSDK is made, but never started', 'Call its `start()`.')];
  return [...lineOf(program), ...checkExplicit(program)];
}

function checkRegister(program: Program): Finding[] {
  const { sdk, ownSdk, own, start, shown } = program;
  if (!sdk)
    return [
      problem(
        'sdk.missing',
        '@opentelemetry/sdk-node is not installed: no telemetry would leave the program',
        'Run `npm install @opentelemetry/sdk-node`.',
      ),
    ];
  const found = lineOf(program);
  const auto = [...(own ? [own.folder] : []), start.folder].some(
    folder => findPackage('@opentelemetry/auto-instrumentations-node', folder) !== undefined,
  );
  if (!auto)
    found.push(
      warning(
        'sdk.kafkajsAlone',
        '@opentelemetry/auto-instrumentations-node is not installed: kafkajs alone is traced, without HTTP or SQL around it',
        'Run `npm install @opentelemetry/auto-instrumentations-node`.',
      ),
    );
  if (ownSdk)
    found.push(
      warning(
        'sdk.two',
        `register starts an SDK, and ${shown(ownSdk.step.by)} loads ${ownSdk.step.name}: the second one takes no effect`,
        'Set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach to use your own, or take yours out.',
      ),
    );
  return found;
}

/** In words that tell the 2.x from the 3.x line: the packages that are experimental have numbers of their own. */
function lineOf({ sdk }: Program): Finding[] {
  if (!sdk) return [];
  const isStable = /^@opentelemetry\/sdk-trace/.test(sdk.name);
  const isOpenTelemetrys = isStable || sdk.name === '@opentelemetry/sdk-node';
  if (!isOpenTelemetrys) return [ok('sdk.ok', `${sdk.name} ${sdk.version} brings an SDK`)];
  const is2 = isStable ? isAtLeast(sdk.version, 2, 0, 0) : isAtLeast(sdk.version, 0, 200, 0);
  const is3 = isStable ? isAtLeast(sdk.version, 3, 0, 0) : isAtLeast(sdk.version, 0, 300, 0);
  const named = `${sdk.name} ${sdk.version}`;
  if (!is2)
    return [
      warning(
        'sdk.old',
        `${named} is of the 1.x line, which is not tested`,
        'Use @opentelemetry/sdk-node 0.200 or later.',
      ),
    ];
  return [ok('sdk.ok', `${named} (SDK ${is3 ? '3.x' : '2.x'})`)];
}

/** An SDK that is handed the class's instance registers it; otherwise a call has to. */
function checkExplicit({ wiring, loading }: Program): Finding[] {
  if (wiring?.kind !== 'own') return [];
  const registers =
    /\bregisterInstrumentations\b|\binstrumentations\b|\binstrumentModule\b|\bsetTracerProvider\b/;
  return loading.files.some(({ code }) => registers.test(code))
    ? []
    : [
        warning(
          'sdk.notListed',
          'the instrumentation is in no list of instrumentations: it uses the global SDK, if that is registered',
          'Pass it to NodeSDK in `instrumentations`.',
        ),
      ];
}
