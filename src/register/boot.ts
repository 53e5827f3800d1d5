import { diag, metrics } from '@opentelemetry/api';
import { Hook, type OnRequireFn } from 'require-in-the-middle';
import { CLIENT_LIBRARIES, loadedTargets, onBundledTarget } from '../clients';
import type { KafkaInstrumentationConfig } from '../config/options';
import { readSettings } from '../config/settings';
import { KafkaInstrumentation } from '../instrumentation';
import { canHookRequire } from '../support/bundle';
import { attempt, packageLogging } from '../support/guard';
import { isInRange, isLaterMinor, owningPackage, readPackage } from '../support/packages';
import { failedExportErrors, failedGrpcErrors, interceptErrors, secondSdkErrors } from './diag-errors';
import { flushOnExit } from './exit';
import { watchExportRequests } from './export-requests';
import { createFlush, registeredTracerProvider } from './flush';
import { logToStderr } from './logging';
import { registerProblems, wantedClients, type Mode } from './mode';
import { resolveFromProgram, resolveOwn, startSdk } from './sdk';

/** Installs the instrumentation. Also starts an SDK, unless one is registered or the program starts its own. */
export function boot(mode: Exclude<Mode, 'off'>): void {
  const hasSdk = isSdkRegistered();
  const apis = hasSdk ? undefined : findOtherApi();
  // In attach mode, the program starts its own SDK later. The first registration decides which version of the API the
  // process can use, so registering our logger first could block that SDK.
  const isLoggingLeft = mode === 'attach' && (process.env.OTEL_LOG_LEVEL !== undefined || apis !== undefined);
  if (!hasSdk && !isLoggingLeft) logToStderr(process.env);
  for (const problem of registerProblems(process.env)) diag.warn(problem);
  // The code below sets the option `clients`, and options in code hide environment variables. So the variable is read
  // here.
  const { clients } = readSettings({}, process.env, () => undefined);
  const wanted = wantedClients(CLIENT_LIBRARIES, process.env).filter(
    ({ name }) => clients?.includes(name) ?? true,
  );
  const config: KafkaInstrumentationConfig =
    wanted.length < CLIENT_LIBRARIES.length ? { clients: wanted.map(({ name }) => name) } : {};
  const attach = () => {
    if (wanted.length > 0) attachToClients(wanted, config);
  };
  if (hasSdk || mode === 'attach') {
    attach();
    return;
  }
  if (apis && isLaterMinor(apis.program, apis.own))
    diag.warn(
      `the program uses @opentelemetry/api ${apis.program}, but @org/kafka-otel uses the older ${apis.own}, so spans that the program creates are not recorded. Install the same version for the program and for @org/kafka-otel. If the program starts an SDK itself, set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach instead`,
    );
  try {
    const sdk = startSdk(() => (wanted.length > 0 ? [new KafkaInstrumentation(config)] : []));
    if (sdk) {
      const requests = watchExportRequests();
      interceptErrors(secondSdkErrors(), failedGrpcErrors(), failedExportErrors(requests));
      flushOnExit(createFlush(requests, sdk.getLoggerProvider));
    } else attach();
  } catch (error) {
    diag.error(
      'the OpenTelemetry SDK could not be started, so no telemetry leaves this process. Run `npx @org/kafka-otel doctor` to check the installed @opentelemetry packages and the OTEL_* variables. The error:',
      error,
    );
    attach();
  }
}

/** The meter provider that the API returns without an SDK has no `forceFlush`. */
function isSdkRegistered(): boolean {
  return registeredTracerProvider() !== undefined || 'forceFlush' in metrics.getMeterProvider();
}

/**
 * The API versions of the program and of this package. `undefined` if they are equal. Different versions are a problem,
 * because a newer API does not find an SDK that an older API has registered.
 */
function findOtherApi(): { readonly program: string; readonly own: string } | undefined {
  const programPath = resolveFromProgram('@opentelemetry/api');
  const ownPath = resolveOwn('@opentelemetry/api');
  // A bundle may run where the API is not installed.
  if (programPath === undefined || ownPath === undefined) return undefined;
  const program = owningPackage(programPath)?.version ?? '';
  const own = owningPackage(ownPath)?.version ?? '';
  return program === own ? undefined : { program, own };
}

/**
 * Creates the instrumentation only when a client library is loaded. Its base class hooks every `require`, and an early
 * hook would keep the program's own SDK from patching modules such as `http`.
 */
function attachToClients(libraries: typeof CLIENT_LIBRARIES, config: KafkaInstrumentationConfig): void {
  if (libraries.some(library => loadedTargets(library).length > 0)) {
    new KafkaInstrumentation(config);
    return;
  }
  const packageNames = libraries.map(({ packageName }) => packageName);
  const isSupported = (name: string, folder: string | undefined): boolean =>
    libraries.some(
      ({ packageName, innerFile, supportedVersions }) =>
        (name === packageName || (innerFile !== undefined && name === `${packageName}/${innerFile}`)) &&
        isInRange(folder === undefined ? undefined : readPackage(folder)?.version, supportedVersions),
    );
  let instrumentation: KafkaInstrumentation | undefined;
  const instrument = (exports: unknown): void => {
    // An error here must not reach the program, which is just loading the client library.
    attempt(packageLogging, 'load', () => {
      if (instrumentation) {
        instrumentation.instrumentModule(exports);
        return;
      }
      // Call `instrumentModule` before `enable()`. Otherwise `enable()` would warn that the module was loaded before the
      // instrumentation.
      instrumentation = new KafkaInstrumentation({ ...config, enabled: false });
      instrumentation.instrumentModule(exports);
      instrumentation.enable();
    });
  };
  const onLoad = (exports: unknown, name: string, folder?: string): unknown => {
    if (isSupported(name, folder)) instrument(exports);
    return exports;
  };
  if (canHookRequire()) new Hook(packageNames, { internals: true }, onLoad as OnRequireFn);
  onBundledTarget((library, target) => {
    if (libraries.includes(library)) instrument(target);
  });
}
