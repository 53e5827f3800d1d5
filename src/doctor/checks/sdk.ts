/** The packages of OpenTelemetry that the program needs: the API and an SDK. */
import { dirname } from 'node:path';
import { chooseMode } from '../../register/mode';
import { isInRange, isLaterMinor, type Package } from '../../support/packages';
import { findPackage } from '../packages';
import {
  AUTO_INSTRUMENTATIONS,
  hasInlinedSdk,
  ok,
  problem,
  warning,
  type Finding,
  type Program,
} from '../program';

const API = '@opentelemetry/api';

export function checkApi(program: Program): Finding[] {
  const { own, sdk, start } = program;
  // A bundle contains its own copy.
  if (program.wiring?.kind === 'inlined') return [];
  const ours = findPackage(API, own?.folder ?? dirname(start.entry));
  if (!ours)
    return [
      problem(
        'api.missing',
        `${API} is not installed, so the instrumentation cannot be loaded`,
        `Run \`npm install ${API}\`.`,
      ),
    ];
  if (!isInRange(ours.version, ['>=1.9.0 <2']))
    return [
      problem(
        'api.version',
        `${API} ${ours.version} is not supported: 1.9 or a later 1.x is needed`,
        `Run \`npm install ${API}@^1.9.0\`.`,
      ),
    ];
  const ofSdk = (sdk && findPackage(API, sdk.folder)) ?? ours;
  return [
    findApiConflict(program, ours, ofSdk) ?? ok('api.ok', `${API} ${ours.version}`),
    ...findNewerApi(program, ours, ofSdk),
  ];
}

/**
 * All copies of the API share one global object. Its version is the version of the first copy that sets anything. A copy of
 * another version cannot register an SDK in it, and a copy with a later minor version gets only no-ops from it.
 */
function findApiConflict(
  { startsSdk, shortPath }: Program,
  ours: Package,
  ofSdk: Package,
): Finding | undefined {
  // `register` sets a logger before its SDK registers anything.
  const conflicts = startsSdk ? ours.version !== ofSdk.version : isLaterMinor(ours.version, ofSdk.version);
  if (!conflicts) return undefined;
  return problem(
    'api.versions',
    `${API} is installed in two versions that do not work together: ${ours.version} (${shortPath(ours.folder)}) and, for the SDK, ${ofSdk.version} (${shortPath(ofSdk.folder)})`,
    `Install one copy: run \`npm dedupe\`, or pin ${API} to ${ofSdk.version}.`,
  );
}

function findNewerApi({ copies, shortPath }: Program, ours: Package, ofSdk: Package): Finding[] {
  const newer = copies(API).find(
    ({ folder, version }) =>
      folder !== ours.folder && folder !== ofSdk.folder && isLaterMinor(version, ofSdk.version),
  );
  if (!newer) return [];
  return [
    warning(
      'api.copies',
      `another copy of ${API}, ${newer.version} (${shortPath(newer.folder)}), is newer than the SDK's: spans that are created with it are no-ops, and are missing as parents`,
      'Install one copy: run `npm dedupe`.',
    ),
  ];
}

export function checkSdk(program: Program): Finding[] {
  const { wiring, ownSdk, start, loading } = program;
  if (!wiring || chooseMode(start.environment) === 'off') return [];
  if (wiring.kind === 'inlined' && (wiring.register === 'broken' || hasInlinedSdk(loading))) return [];
  if (program.startsSdk) return checkRegisterSdk(program);
  if (!ownSdk)
    return [
      problem(
        'sdk.none',
        'nothing starts an OpenTelemetry SDK, so spans are no-ops',
        wiring.kind === 'register'
          ? 'Unset OTEL_INSTRUMENTATION_KAFKA_REGISTER, so that register starts one.'
          : 'Start the NodeSDK of @opentelemetry/sdk-node with the instrumentation, or use @org/kafka-otel/register.',
      ),
    ];
  const { step } = ownSdk;
  if (!step.found)
    return [
      problem(
        'sdk.missing',
        `${step.specifier} is not installed, so the program may not start`,
        `Run \`npm install ${step.name}\`.`,
      ),
    ];
  const createsSdk = loading.files.some(({ code }) => /\bnew\s+(?:\w+\.)?NodeSDK\b/.test(code));
  if (createsSdk && !loading.files.some(({ code }) => /\.start\s*\(/.test(code)))
    return [
      problem(
        'sdk.notStarted',
        'NodeSDK is created, but never started, so no spans are exported',
        'Call its `start()`.',
      ),
    ];
  return [...checkSdkVersion(program), ...checkIsListed(program)];
}

function checkRegisterSdk(program: Program): Finding[] {
  const { sdk, ownSdk, own, start, shortPath } = program;
  if (!sdk)
    return [
      problem(
        'sdk.missing',
        '@opentelemetry/sdk-node is not installed, so no telemetry leaves the program',
        'Run `npm install @opentelemetry/sdk-node`.',
      ),
    ];
  const findings = checkSdkVersion(program);
  const hasAutoInstrumentations = [...(own ? [own.folder] : []), start.folder].some(
    folder => findPackage(AUTO_INSTRUMENTATIONS, folder) !== undefined,
  );
  if (!hasAutoInstrumentations)
    findings.push(
      warning(
        'sdk.kafkaAlone',
        `${AUTO_INSTRUMENTATIONS} is not installed, so only Kafka clients are traced, not HTTP or databases`,
        `Run \`npm install ${AUTO_INSTRUMENTATIONS}\`.`,
      ),
    );
  if (ownSdk)
    findings.push(
      warning(
        'sdk.two',
        `register starts an SDK, and ${shortPath(ownSdk.step.by)} loads ${ownSdk.step.name}: the second SDK has no effect`,
        'To use your own, set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach. Otherwise remove it.',
      ),
    );
  return findings;
}

/** Names the version line of the SDK, because experimental packages such as sdk-node have version numbers of their own. */
function checkSdkVersion({ sdk }: Program): Finding[] {
  if (!sdk) return [];
  const named = `${sdk.name} ${sdk.version}`;
  const isStable = /^@opentelemetry\/sdk-trace/.test(sdk.name);
  if (!isStable && sdk.name !== '@opentelemetry/sdk-node') return [ok('sdk.ok', `${named} contains an SDK`)];
  if (!isInRange(sdk.version, [isStable ? '>=2.0.0' : '>=0.200.0']))
    return [
      warning(
        'sdk.old',
        `${named} belongs to the 1.x line of the SDK, which is not tested`,
        'Use @opentelemetry/sdk-node 0.200 or later.',
      ),
    ];
  const is3 = isInRange(sdk.version, [isStable ? '>=3.0.0' : '>=0.300.0']);
  return [ok('sdk.ok', `${named} (SDK ${is3 ? '3.x' : '2.x'})`)];
}

/**
 * An SDK that is given the instance passes its providers to it. An instance that is not given to an SDK uses the global
 * providers.
 */
function checkIsListed({ wiring, loading }: Program): Finding[] {
  if (wiring?.kind !== 'own') return [];
  const registration =
    /\bregisterInstrumentations\b|\binstrumentations\b|\binstrumentModule\b|\bsetTracerProvider\b/;
  return loading.files.some(({ code }) => registration.test(code))
    ? []
    : [
        warning(
          'sdk.notListed',
          'the instrumentation is in no list of instrumentations, so it works only if the SDK is registered globally',
          'Pass it to NodeSDK in `instrumentations`.',
        ),
      ];
}
