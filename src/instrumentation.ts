import { diag, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { CLIENT_LIBRARIES, loadedTargets, onBundledTarget } from './clients';
import { recordClient } from './clients/records';
import { isSwitchedOff } from './config/environment';
import type { KafkaInstrumentationConfig } from './config/options';
import { readSettings, type Settings } from './config/settings';
import type { ClientLibrary, LibraryPatch } from './core/port';
import { addRecordTracer, removeRecordTracer } from './core/record-span';
import { MetricsRecorder } from './metrics/recorder';
import { InstrumentationRuntime, type ExceptionRecord } from './runtime';
import { canHookRequire, hookFromWebpack, rememberRequire } from './support/bundle';
import { attempt, onceLog, packageLogging } from './support/guard';
import { PACKAGE_NAME, PACKAGE_VERSION } from './support/version';

interface ClientPatch {
  readonly library: ClientLibrary;
  readonly patch: LibraryPatch;
}

/**
 * Instances whose constructor is still running. If the base class throws, the constructor cannot use `this`, so it finds the
 * instance here and disables it.
 */
const inCreation = new Set<KafkaInstrumentation>();

/**
 * OpenTelemetry instrumentation for Kafka client libraries. It creates spans and metrics for sent and received messages, and
 * writes trace headers into the messages.
 *
 * ```js
 * new NodeSDK({ instrumentations: [new KafkaInstrumentation()] }).start();
 * ```
 */
export class KafkaInstrumentation extends InstrumentationBase<KafkaInstrumentationConfig> {
  // These fields have no initialisers, because the constructor of the base class already calls `setConfig`, `init` and
  // `enable`, which set these fields. An initialiser would run later and overwrite the values.
  declare private _patches: Map<object, ClientPatch> | undefined;
  declare private _runtime: InstrumentationRuntime | undefined;
  declare private _stopListening: (() => void) | undefined;

  constructor(config: KafkaInstrumentationConfig = {}) {
    const restoreRequire = rememberRequire();
    try {
      super(PACKAGE_NAME, PACKAGE_VERSION, config);
    } catch (error) {
      // A global provider may throw when the base class asks it for a tracer, a meter or a logger. Then disable the unfinished
      // instance.
      for (const unfinished of inCreation)
        attempt(packageLogging, 'disable', () => {
          if (unfinished._runtime) unfinished.disable();
        });
      return inert(new.target.prototype, config, error);
    } finally {
      inCreation.clear();
      restoreRequire();
    }
    if (!canHookRequire())
      process.nextTick(() => {
        this.warnIfNothingPatched();
      });
    attempt(this.runtime(), 'hook', () => {
      const packageNames = CLIENT_LIBRARIES.map(({ packageName }) => packageName);
      hookFromWebpack(packageNames, moduleExports => this.instrumentModule(moduleExports));
    });
  }

  override setConfig(config: KafkaInstrumentationConfig = {}): void {
    super.setConfig(config);
    if (!this._runtime) {
      inCreation.add(this);
      return;
    }
    const runtime = this._runtime;
    runtime.settings = attempt(runtime, 'setConfig', () => this.readSettings()) ?? runtime.settings;
    this._updateMetricInstruments();
    for (const { library, patch } of this.patches().values()) {
      if (!this.isWanted(library)) patch.unpatch();
      else if (this.isEnabled()) patch.patch();
    }
    if (this.isEnabled()) for (const library of CLIENT_LIBRARIES) this.patchLoaded(library);
  }

  // `NodeSDK.start()` calls this method. If the provider throws, the instrumentation does not use it, and the program
  // continues.
  override setTracerProvider(provider: TracerProvider): void {
    const runtime = this.runtime();
    attempt(runtime, 'setTracerProvider', () => {
      super.setTracerProvider(provider);
      runtime.tracerProvider = provider;
      runtime.tracer = this.tracer;
    });
  }

  override setLoggerProvider(provider: Parameters<InstrumentationBase['setLoggerProvider']>[0]): void {
    attempt(this.runtime(), 'setLoggerProvider', () => {
      super.setLoggerProvider(provider);
    });
  }

  override setMeterProvider(provider: MeterProvider): void {
    this.runtime().setMeterProvider(provider);
  }

  /**
   * Creates the metric instruments for the current meter and options. Stops measuring if metrics or the instrumentation
   * are off. The base class calls this method in its constructor and for each new meter. Errors are logged, because a
   * meter may throw.
   */
  protected override _updateMetricInstruments(): void {
    const runtime = this.runtime();
    const guard = (run: () => void): void => {
      attempt(runtime, 'metrics', run);
    };
    guard(() => {
      const { metrics, requestMetrics, vocabulary, naming } = runtime.settings;
      if (!metrics || !this.isEnabled()) {
        runtime.recorder?.leaveMeter();
        return;
      }
      runtime.recorder ??= new MetricsRecorder(guard);
      runtime.recorder.useNames(vocabulary, naming);
      runtime.recorder.useMeter(this.meter, requestMetrics);
    });
  }

  protected init(): InstrumentationNodeModuleDefinition[] {
    return CLIENT_LIBRARIES.map(library => {
      const { packageName, supportedVersions, innerFile } = library;
      const versions = [...supportedVersions];
      const patch = (moduleExports: unknown): unknown => this.instrumentModule(moduleExports);
      const unpatch = (): void => {
        this.unpatchAll();
      };
      const files = innerFile
        ? [new InstrumentationNodeModuleFile(`${packageName}/${innerFile}`, versions, patch, unpatch)]
        : [];
      const definition: InstrumentationNodeModuleDefinition & { includePrerelease?: boolean } =
        new InstrumentationNodeModuleDefinition(packageName, versions, patch, unpatch, files);
      definition.includePrerelease = true;
      return definition;
    });
  }

  override enable(): void {
    if (isSwitchedOff()) return;
    const wasEnabled = this.isEnabled();
    super.enable();
    if (wasEnabled) return;
    const runtime = this.runtime();
    runtime.isEnabled = true;
    addRecordTracer(runtime, recordClient);
    if (runtime.recorder?.hasMeter !== true) this._updateMetricInstruments();
    for (const { library, patch } of this.patches().values()) if (this.isWanted(library)) patch.patch();
    for (const library of CLIENT_LIBRARIES) this.patchLoaded(library);
    this._stopListening = attempt(runtime, 'enable', () => this.listenToBundles());
  }

  override disable(): void {
    super.disable();
    const runtime = this.runtime();
    runtime.isEnabled = false;
    removeRecordTracer(runtime);
    this._stopListening?.();
    // Without the call of `leaveMeter()`, gauges would keep showing the last state of the clients.
    attempt(runtime, 'metrics', () => {
      runtime.recorder?.leaveMeter();
    });
    this.unpatchAll();
  }

  /**
   * Instruments a client library by hand. Use this method if no require hook sees the library: a bundler has inlined the
   * library, a test runner has its own module registry, or the library was loaded before this package. A second call does no
   * harm.
   *
   * ```js
   * const kafkajs = instrumentation.instrumentModule(require('kafkajs'));
   * ```
   *
   * @param module - what `require('kafkajs')` or `import * as kafkajs` returns
   * @returns the same object
   */
  instrumentModule<Module>(module: Module): Module {
    attempt(this.runtime(), 'instrumentModule', () => {
      for (const library of CLIENT_LIBRARIES) {
        const target = library.findTarget(module);
        if (!target) continue;
        this.patchTarget(library, target);
        return;
      }
      const names = CLIENT_LIBRARIES.map(({ packageName }) => packageName).join(', ');
      this.runtime().log.warn(
        'module',
        `instrumentModule got a module that is not a supported client library, so nothing was instrumented. Pass the exports of one of these packages: ${names}.`,
      );
    });
    return module;
  }

  private isWanted({ name, instrumentationName }: ClientLibrary): boolean {
    const { clients } = this.runtime().settings;
    return (clients?.includes(name) ?? true) && !isSwitchedOff(instrumentationName);
  }

  private patchTarget(library: ClientLibrary, target: object): void {
    const patch =
      this.patches().get(target)?.patch ??
      library.createPatch(this.runtime(), target, () => {
        this.runtime().followGlobalMeterProvider();
      });
    // Stored even if the library is switched off, because `setConfig` may switch it on later.
    this.patches().set(target, { library, patch });
    const isActive = () => this.isEnabled() && this.isWanted(library);
    if (!isActive()) return;
    patch.patch();
    // The hook of the official instrumentation may run after this one and wrap our wrappers. So patch again on the next tick.
    process.nextTick(() => {
      if (isActive())
        attempt(this.runtime(), 'patch', () => {
          patch.patch();
        });
    });
  }

  private patchLoaded(library: ClientLibrary): void {
    if (!this.isWanted(library)) return;
    const targets = attempt(this.runtime(), 'enable', () => loadedTargets(library)) ?? [];
    for (const target of targets) {
      if (this.patches().has(target)) continue;
      attempt(this.runtime(), 'enable', () => {
        this.patchTarget(library, target);
      });
      this.logLater(
        `${library.packageName} was loaded before this instrumentation, so clients that exist already are not traced. ` +
          'Load the instrumentation first, for example with --require @org/kafka-otel/register.',
      );
    }
  }

  private listenToBundles(): () => void {
    return onBundledTarget((library, target) => {
      attempt(this.runtime(), 'bundle', () => {
        this.patchTarget(library, target);
      });
    });
  }

  /** Called on the next tick, because a bundle may load its client libraries after it has created this instance. */
  private warnIfNothingPatched(): void {
    attempt(this.runtime(), 'log', () => {
      if (!this.isEnabled() || this.patches().size > 0) return;
      this.runtime().log.warn(
        'require',
        'this package is in an ES module bundle without `require`, so a Kafka client that is loaded from node_modules later is not traced. Define `require` at the start of the bundle (docs/bundlers.md), or preload @org/kafka-otel/register instead.',
      );
    });
  }

  private unpatchAll(): void {
    for (const { patch } of this.patches().values()) patch.unpatch();
  }

  private patches(): Map<object, ClientPatch> {
    return (this._patches ??= new Map<object, ClientPatch>());
  }

  private readSettings(): Settings {
    return readSettings(this.getConfig(), process.env, problem => {
      this.logLater(problem);
    });
  }

  /** Waits for the next tick, because an SDK sets up its logger only after it has created this instance. */
  private logLater(problem: string): void {
    process.nextTick(() => {
      attempt(this.runtime(), 'log', () => {
        this.runtime().log.warn(problem, problem);
      });
    });
  }

  private runtime(): InstrumentationRuntime {
    return (this._runtime ??= new InstrumentationRuntime(
      this.tracer,
      this.readSettings(),
      onceLog(() => this._diag),
      record => {
        (this.logger as { emit(record: ExceptionRecord): void }).emit(record);
      },
      provider => {
        attempt(this.runtime(), 'metrics', () => {
          super.setMeterProvider(provider);
        });
      },
    ));
  }
}

/** Creates an instrumentation that does nothing. The constructor returns it if the base class throws. */
function inert(prototype: object, config: KafkaInstrumentationConfig, error: unknown): KafkaInstrumentation {
  // An SDK sets up its logger only after it has created this instance, so log on the next tick.
  process.nextTick(() => {
    attempt(packageLogging, 'log', () => {
      diag
        .createComponentLogger({ namespace: PACKAGE_NAME })
        .error(
          'Kafka clients are not traced, because the instrumentation could not be created. Check the registered SDK and the versions of the @opentelemetry packages. The error:',
          error,
        );
    });
  });
  const methods: Partial<KafkaInstrumentation> = {
    getConfig: () => config,
    setConfig: () => undefined,
    setTracerProvider: () => undefined,
    setMeterProvider: () => undefined,
    setLoggerProvider: () => undefined,
    getModuleDefinitions: () => [],
    enable: () => undefined,
    disable: () => undefined,
    isEnabled: () => false,
    instrumentModule: module => module,
  };
  return Object.assign(Object.create(prototype), {
    instrumentationName: PACKAGE_NAME,
    instrumentationVersion: PACKAGE_VERSION,
    ...methods,
  }) as KafkaInstrumentation;
}
