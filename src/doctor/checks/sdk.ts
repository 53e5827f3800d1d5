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
  unsure,
  warning,
  type Finding,
  type Program,
  type Report,
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
        `${API} is not installed`,
        `the instrumentation cannot be loaded`,
        `Run \`npm install ${API}\`.`,
      ),
    ];
  if (!isInRange(ours.version, ['>=1.9.0 <2']))
    return [
      problem(
        'api.version',
        `${API} ${ours.version} is not supported: 1.9 or a later 1.x is needed`,
        'spans are no-ops',
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
function findApiConflict(program: Program, ours: Package, ofSdk: Package): Finding | undefined {
  const { startsSdk, shortPath, copies } = program;
  const describe = ({ version, folder }: Package): string => `${version} (${shortPath(folder)})`;
  const fix = `Install one copy: run \`npm dedupe\`, or pin ${API} to ${ofSdk.version}.`;
  const conflict = (one: Package): Finding =>
    problem(
      'api.versions',
      `${API} is installed in two versions that do not work together: ${describe(one)} and, for the SDK, ${describe(ofSdk)}`,
      'the SDK or the instrumentation gets only no-ops, while spans that the program makes itself may arrive',
      fix,
    );
  // `register` sets a logger before its SDK registers anything.
  if (startsSdk ? ours.version !== ofSdk.version : isUnreadable(ours, ofSdk)) return conflict(ours);
  if (startsSdk) return undefined;
  const others = [ours, ...copies(API)].filter(({ version }) => version !== ofSdk.version);
  const [other] = others;
  if (!other) return undefined;
  const early = program.loading.files.find(({ path, code }) => {
    const own = findPackage(API, dirname(path));
    return own?.version !== ofSdk.version && REGISTERS.test(code);
  });
  if (early) return conflict(findPackage(API, dirname(early.path)) ?? other);
  return others.some(each => each.folder === ours.folder)
    ? unsure(
        'api.versions',
        `${API} is installed in two versions: ${describe(other)} and, for the SDK, ${describe(ofSdk)}`,
        'Kafka spans are lost if any other copy than that of the SDK registers something first',
        fix,
      )
    : undefined;
}

/** Code that registers something in the API's global object. */
const REGISTERS = /\bdiag\s*\.\s*setLogger\s*\(|\.\s*setGlobal\w+\s*\(/;

/** True if this copy of the API gets only no-ops from the globals of the other one. */
const isUnreadable = (one: Package, ofSdk: Package): boolean =>
  one.version.split('.')[0] !== ofSdk.version.split('.')[0] || isLaterMinor(one.version, ofSdk.version);

function findNewerApi({ copies, shortPath }: Program, ours: Package, ofSdk: Package): Finding[] {
  const newer = copies(API).find(
    ({ folder, version }) =>
      folder !== ours.folder && folder !== ofSdk.folder && isLaterMinor(version, ofSdk.version),
  );
  if (!newer) return [];
  return [
    warning(
      'api.copies',
      `another copy of ${API}, ${newer.version} (${shortPath(newer.folder)}), is newer than the SDK's`,
      'spans that are created with it are no-ops, and are missing as parents',
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
        'nothing starts an OpenTelemetry SDK',
        'spans are no-ops',
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
        `${step.specifier} is not installed`,
        `the program may not start`,
        `Run \`npm install ${step.name}\`.`,
      ),
    ];
  const createsSdk = loading.files.some(({ code }) => /\bnew\s+(?:\w+\.)?NodeSDK\b/.test(code));
  if (createsSdk && !loading.files.some(({ code }) => /\.start\s*\(/.test(code)))
    return [
      problem(
        'sdk.notStarted',
        'NodeSDK is created, but never started',
        'no spans are exported',
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
        '@opentelemetry/sdk-node is not installed',
        'no telemetry leaves the program',
        'Run `npm install @opentelemetry/sdk-node`.',
      ),
    ];
  const findings = checkSdkVersion(program);
  const hasAutoInstrumentations = [...(own ? [own.folder] : []), start.folder].some(
    folder => findPackage(AUTO_INSTRUMENTATIONS, folder) !== undefined,
  );
  if (!hasAutoInstrumentations)
    findings.push(
      (usesOtherLibraries(program) ? warning : note)(
        'sdk.kafkaAlone',
        `${AUTO_INSTRUMENTATIONS} is not installed`,
        `only Kafka clients are traced, not HTTP or databases`,
        `Run \`npm install ${AUTO_INSTRUMENTATIONS}\`.`,
      ),
    );
  if (ownSdk)
    findings.push(
      warning(
        'sdk.two',
        `register starts an SDK, and ${shortPath(ownSdk.step.by)} loads ${ownSdk.step.name}`,
        'the second SDK has no effect',
        'To use your own, set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach. Otherwise remove it.',
      ),
    );
  return findings;
}

/** Libraries whose spans are the usual parents and children of Kafka spans. */
const OTHER_LIBRARIES =
  /['"`](?:node:)?(?:https?|http2|express|fastify|koa|@nestjs\/core|@hapi\/hapi|undici|axios|pg|mysql2?|mongodb|mongoose|redis|ioredis|@grpc\/grpc-js|graphql)['"`]/;

const usesOtherLibraries = ({ loading }: Program): boolean =>
  loading.files.some(({ code }) => OTHER_LIBRARIES.test(code));

const note: Report = (code, what) => ok(code, what);

/** Reports the version of the SDK that sdk-node belongs to, because sdk-node itself has another version number. */
function checkSdkVersion({ sdk }: Program): Finding[] {
  if (!sdk) return [];
  const named = `${sdk.name} ${sdk.version}`;
  const isStable = /^@opentelemetry\/sdk-trace/.test(sdk.name);
  if (!isStable && sdk.name !== '@opentelemetry/sdk-node') return [ok('sdk.ok', `${named} contains an SDK`)];
  if (!isInRange(sdk.version, [isStable ? '>=2.0.0' : '>=0.200.0']))
    return [
      warning(
        'sdk.old',
        `${named} belongs to the 1.x line of the SDK`,
        'this line is not tested',
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
          'the instrumentation is in no list of instrumentations',
          'it works only if the SDK is registered globally',
          'Pass it to NodeSDK in `instrumentations`.',
        ),
      ];
}
