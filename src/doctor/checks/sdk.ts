/** The packages of OpenTelemetry that the program needs: the API and an SDK. */
import { dirname } from 'node:path';
import { chooseMode } from '../../register/mode';
import { isInRange, isLaterMinor, type Package } from '../../support/packages';
import { findPackage } from '../resolve';
import { ok, problem, unsure, warning, type Finding, type Findings, type Report } from '../finding';
import { AUTO_INSTRUMENTATIONS, NEW_INSTANCE, hasInlinedSdk, placeOf, type Program } from '../program';

const API = '@opentelemetry/api';

export function checkApi(program: Program): Findings {
  const { own, sdk, start } = program;
  // A bundle contains its own copy of the API, so the installed copy is not checked.
  if (program.wiring?.kind === 'inlined') return [];
  const ours = findPackage(API, own?.folder ?? dirname(start.entry));
  if (!ours)
    return problem(
      'api.missing',
      `${API} is not installed`,
      `the instrumentation cannot be loaded`,
      `Run \`npm install ${API}\`.`,
    );
  if (!isInRange(ours.version, ['>=1.9.0 <2']))
    return problem(
      'api.version',
      `${API} ${ours.version} is not supported: 1.9 or a later 1.x is needed`,
      'spans are no-ops',
      `Run \`npm install ${API}@^1.9.0\`.`,
    );
  const ofSdk = (sdk && findPackage(API, sdk.folder)) ?? ours;
  return [
    findApiConflict(program, ours, ofSdk) ?? ok('api.ok', `${API} ${ours.version}`),
    findNewerApi(program, ours, ofSdk),
  ];
}

/**
 * All copies of the API share one global object. This object gets the version of the copy that is the first to register
 * something. Then a copy with another version cannot register an SDK, and a copy with a later minor version gets only
 * no-ops.
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
  // `register` sets a logger before the SDK starts. So the object that all copies of the API share gets the version of
  // our copy.
  if (startsSdk && ours.version !== ofSdk.version) return conflict(ours);
  if (isUnreadable(ours, ofSdk)) {
    // NodeSDK passes its tracer provider directly to the instrumentations in its list.
    const isHandedOver = isSameMajor(ours, ofSdk) && program.wiring?.kind === 'own' && isListed(program);
    return isHandedOver
      ? warning(
          'api.versions',
          `${API} ${describe(ours)} of the instrumentation is newer than ${describe(ofSdk)} of the SDK`,
          'spans have no parents, and messages carry no trace context',
          fix,
        )
      : conflict(ours);
  }
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
        'Kafka spans are lost if another copy registers something before the copy of the SDK does',
        fix,
      )
    : undefined;
}

/** Code that registers something in the API's global object. */
const REGISTERS = /\bdiag\s*\.\s*setLogger\s*\(|\.\s*setGlobal\w+\s*\(/;

/** True if this copy of the API gets only no-ops, because the SDK's copy has set the globals. */
const isUnreadable = (one: Package, ofSdk: Package): boolean =>
  !isSameMajor(one, ofSdk) || isLaterMinor(one.version, ofSdk.version);

const isSameMajor = (one: Package, other: Package): boolean =>
  one.version.split('.')[0] === other.version.split('.')[0];

function findNewerApi({ copies, dependents, shortPath }: Program, ours: Package, ofSdk: Package): Findings {
  const newer = copies(API).find(
    each =>
      each.folder !== ours.folder &&
      each.folder !== ofSdk.folder &&
      isLaterMinor(each.version, ofSdk.version) &&
      // `api-logs` imports only types of the API, so it does not load the copy that it depends on.
      dependents(each).some(({ name }) => name !== '@opentelemetry/api-logs'),
  );
  if (!newer) return [];
  return warning(
    'api.copies',
    `another copy of ${API}, ${newer.version} (${shortPath(newer.folder)}), is newer than the SDK's`,
    'spans that are created with this copy are no-ops, so other spans miss their parents',
    'Install one copy: run `npm dedupe`.',
  );
}

export function checkSdk(program: Program): Findings {
  const { wiring, ownSdk, start, loading } = program;
  if (!wiring || (chooseMode(start.environment) === 'off' && !usesProvider(program))) return [];
  if (wiring.kind === 'inlined' && hasInlinedSdk(loading)) return [];
  if (program.startsSdk) return checkRegisterSdk(program);
  if (!ownSdk)
    return problem(
      'sdk.none',
      'nothing starts an OpenTelemetry SDK',
      'spans are no-ops',
      wiring.kind === 'register'
        ? 'Unset OTEL_INSTRUMENTATION_KAFKA_REGISTER, so that register starts one.'
        : 'Start the NodeSDK of @opentelemetry/sdk-node with the instrumentation, or use @org/kafka-otel/register.',
    );
  const { step } = ownSdk;
  if (!step.found)
    return problem(
      'sdk.missing',
      `${step.specifier} is not installed`,
      `the program may not start`,
      `Run \`npm install ${step.name}\`.`,
      placeOf(program, step.by, step.specifier),
    );
  return [
    checkStart(program),
    checkProvider(program),
    checkSampler(program),
    checkSdkVersion(program),
    checkIsListed(program),
  ];
}

const NODE_SDK = ['NodeSDK'];
const PROVIDERS = ['NodeTracerProvider', 'BasicTracerProvider', 'WebTracerProvider'];

/**
 * True if the program creates a tracer provider and no NodeSDK. A provider without NodeSDK ignores some environment
 * variables.
 */
export const usesProvider = ({ loading: { files }, startsSdk }: Program): boolean =>
  !startsSdk &&
  files.some(({ code }) => creation(PROVIDERS).test(code)) &&
  !files.some(({ code }) => creation(NODE_SDK).test(code));

/** True if code chooses the exporter for spans, so that OTEL_TRACES_EXPORTER has no effect. */
export const choosesExporter = (program: Program): boolean =>
  usesProvider(program) ||
  (!program.startsSdk &&
    program.loading.files.some(
      ({ code }) =>
        creation(NODE_SDK).test(code) && /\b(?:traceExporter|spanProcessors?)\b\s*[:,}]/.test(code),
    ));

const creation = (classes: readonly string[]): RegExp =>
  new RegExp(`\\bnew\\s+(?:\\w+\\.)?(?:${classes.join('|')})\\b`);

/**
 * Checks that the program starts the SDK that it creates, or registers the provider. Finds nothing in a minified
 * bundle, where the classes have other names.
 */
function checkStart(program: Program): Findings {
  const { loading } = program;
  const isProvider = usesProvider(program);
  const classes = isProvider ? PROVIDERS : NODE_SDK;
  const file = loading.files.find(({ code }) => creation(classes).test(code));
  if (!file) return [];
  const method = isProvider ? 'register' : 'start';
  const [, name] =
    new RegExp(`([\\w$]+)(?:\\s*:\\s*[\\w.]+)?\\s*=\\s*${creation(classes).source}`).exec(file.code) ?? [];
  const calls = (object: string): boolean =>
    loading.files.some(({ code }) => new RegExp(`${object}\\s*[?!]?\\.\\s*${method}\\s*\\(`).test(code));
  const isPassedOn =
    isProvider &&
    loading.files.some(({ code }) =>
      /\bset(?:Global)?TracerProvider\s*\(|\btracerProvider\b\s*[:,}]/.test(code),
    );
  if (isPassedOn || calls(name === undefined ? '' : `\\b${name.replaceAll('$', '\\$')}`)) return [];
  const created = isProvider ? 'a tracer provider' : 'NodeSDK';
  return (calls('') ? unsure : problem)(
    'sdk.notStarted',
    `${created} is created, but never ${isProvider ? 'registered' : 'started'}`,
    isProvider ? 'spans are no-ops' : 'no spans are exported',
    `Call its \`${method}()\`.`,
    placeOf(program, file.path, creation(classes)),
  );
}

function checkProvider(program: Program): Findings {
  const { files } = program.loading;
  const file = files.find(({ code }) => creation(PROVIDERS).test(code));
  if (!file || !usesProvider(program)) return [];
  if (files.some(({ code }) => /\bspanProcessors\b|\.addSpanProcessor\s*\(/.test(code))) return [];
  return problem(
    'sdk.noProcessor',
    'the tracer provider has no span processor',
    'no spans are exported',
    'Pass it `spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())]`.',
    placeOf(program, file.path, creation(PROVIDERS)),
  );
}

function checkSampler(program: Program): Findings {
  const never =
    /\b(?:sampler|root)\s*:\s*new\s+(?:\w+\.)?(?:AlwaysOffSampler\b|TraceIdRatioBasedSampler\s*\(\s*0?\.?0*\s*\))/;
  const file = program.loading.files.find(({ code }) => never.test(code));
  // The code of an SDK itself matches this pattern, so bundles that contain an SDK are skipped.
  if (!file || hasInlinedSdk(program.loading)) return [];
  return problem(
    'sdk.sampler',
    'the sampler in code keeps no trace that starts here',
    'no spans are exported',
    'Use AlwaysOnSampler, or a ratio above 0.',
    placeOf(program, file.path, never),
  );
}

function checkRegisterSdk(program: Program): Findings {
  const { sdk, ownSdk, own, start, shortPath } = program;
  if (!sdk)
    return problem(
      'sdk.missing',
      '@opentelemetry/sdk-node is not installed',
      'no telemetry leaves the program',
      'Run `npm install @opentelemetry/sdk-node`.',
    );
  const hasAutoInstrumentations = [...(own ? [own.folder] : []), start.folder].some(
    folder => findPackage(AUTO_INSTRUMENTATIONS, folder) !== undefined,
  );
  return [
    checkSdkVersion(program),
    hasAutoInstrumentations
      ? []
      : (usesOtherLibraries(program) ? warning : note)(
          'sdk.kafkaAlone',
          `${AUTO_INSTRUMENTATIONS} is not installed`,
          `only Kafka clients are traced, not HTTP or databases`,
          `Run \`npm install ${AUTO_INSTRUMENTATIONS}\`.`,
        ),
    ownSdk
      ? warning(
          'sdk.two',
          `register starts an SDK, and ${shortPath(ownSdk.step.by)} loads ${ownSdk.step.name}`,
          'the second SDK has no effect',
          'To use your own SDK, set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach. Otherwise remove your SDK.',
          placeOf(program, ownSdk.step.by, ownSdk.step.specifier),
        )
      : [],
  ];
}

/** Libraries whose spans are the usual parents and children of Kafka spans. */
const OTHER_LIBRARIES =
  /['"`](?:node:)?(?:https?|http2|express|fastify|koa|@nestjs\/core|@hapi\/hapi|undici|axios|pg|mysql2?|mongodb|mongoose|redis|ioredis|@grpc\/grpc-js|graphql)['"`]/;

const usesOtherLibraries = ({ loading }: Program): boolean =>
  loading.files.some(({ code }) => OTHER_LIBRARIES.test(code));

const note: Report = (code, what) => ok(code, what);

/**
 * Reports the version of the SDK package. The message also names the SDK line (2.x or 3.x), because sdk-node has other
 * version numbers than the SDK.
 */
function checkSdkVersion({ sdk }: Program): Findings {
  if (!sdk) return [];
  const named = `${sdk.name} ${sdk.version}`;
  const isStable = /^@opentelemetry\/sdk-trace/.test(sdk.name);
  if (!isStable && sdk.name !== '@opentelemetry/sdk-node') return ok('sdk.ok', `${named} contains an SDK`);
  if (!isInRange(sdk.version, [isStable ? '>=2.0.0' : '>=0.200.0']))
    return warning(
      'sdk.old',
      `${named} belongs to the 1.x line of the SDK`,
      'this line is not tested',
      'Use @opentelemetry/sdk-node 0.200 or later.',
    );
  const is3 = isInRange(sdk.version, [isStable ? '>=3.0.0' : '>=0.300.0']);
  return ok('sdk.ok', `${named} (SDK ${is3 ? '3.x' : '2.x'})`);
}

/** True if an SDK gives its providers to the instrumentation. Otherwise the instrumentation uses the global providers. */
const isListed = ({ loading }: Program): boolean =>
  loading.files.some(({ code }) =>
    /\bregisterInstrumentations\b|\binstrumentations\b|\binstrumentModule\b|\bsetTracerProvider\b/.test(code),
  );

function checkIsListed(program: Program): Findings {
  const { wiring } = program;
  return wiring?.kind !== 'own' || isListed(program)
    ? []
    : warning(
        'sdk.notListed',
        'the instrumentation is in no list of instrumentations',
        'the instrumentation works only if the SDK is registered globally',
        'Pass the instrumentation to NodeSDK in `instrumentations`.',
        placeOf(program, wiring.by, NEW_INSTANCE),
      );
}
