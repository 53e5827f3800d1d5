import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { isSwitchedOff } from './config/environment';
import type { KafkaJsInstrumentationConfig } from './config/options';
import { readSettings, type Settings } from './config/settings';
import { PatchedClass, kafkaClassOf } from './kafkajs/client';
import { loadedBefore } from './kafkajs/loaded';
import type { KafkaClass } from './kafkajs/types';
import { hookInsideWebpack } from './kafkajs/webpack';
import { Audience } from './telemetry/audience';
import { liveTelemetry } from './telemetry/live';
import { Metrics } from './telemetry/metrics/metrics';
import { MeterProviderInUse } from './telemetry/metrics/provider';
import { attempt, type Telemetry } from './telemetry/telemetry';
import { PACKAGE_NAME, PACKAGE_VERSION } from './version';

/** The releases that are patched. The inner module has exported the class under this path in all of them. */
const SUPPORTED = ['>=1.4.0 <3'];
const INNER_MODULE = 'kafkajs/src/index.js';

/**
 * OpenTelemetry instrumentation for kafkajs: spans for what is sent and handled, trace headers in the messages.
 *
 * ```js
 * new NodeSDK({ instrumentations: [new KafkaJsInstrumentation()] }).start();
 * ```
 */
export class KafkaJsInstrumentation extends InstrumentationBase<KafkaJsInstrumentationConfig> {
  // The base class's constructor calls `setConfig`, `init` and `enable` before fields of this class exist: a field with an
  // initialiser would wipe what they have stored.
  declare private _settings: Settings | undefined;
  declare private _patched: Map<KafkaClass, PatchedClass> | undefined;
  declare private _telemetry: Telemetry | undefined;
  declare private _metrics: Metrics | undefined;
  declare private _meterProvider: MeterProviderInUse | undefined;
  declare private _tracerProvider: TracerProvider | undefined;
  declare private _audience: Audience | undefined;

  constructor(config: KafkaJsInstrumentationConfig = {}) {
    super(PACKAGE_NAME, PACKAGE_VERSION, config);
    this.settings();
    attempt(this.telemetry(), 'hook', () => {
      hookInsideWebpack(moduleExports => this.instrumentModule(moduleExports));
    });
  }

  override setConfig(config: KafkaJsInstrumentationConfig = {}): void {
    super.setConfig(config);
    this._settings = undefined;
    if (this._meterProvider) this.renewInstruments();
  }

  override setTracerProvider(provider: TracerProvider): void {
    this._tracerProvider = provider;
    super.setTracerProvider(provider);
  }

  override setMeterProvider(provider: MeterProvider): void {
    this.meterProvider().set(provider);
  }

  protected override _updateMetricInstruments(): void {
    const { metrics, requestMetrics, vocabulary, naming } = this.settings();
    const attempted = (ours: () => void) => {
      attempt(this.telemetry(), 'metrics', ours);
    };
    if (metrics && this.isEnabled()) {
      this._metrics ??= new Metrics(vocabulary, naming, attempted);
      this._metrics.describeBy(vocabulary, naming);
      this._metrics.useMeter(this.meter, requestMetrics);
    } else this._metrics?.leaveMeter();
  }

  private renewInstruments(): void {
    attempt(this.telemetry(), 'metrics', () => {
      this._updateMetricInstruments();
    });
  }

  protected init(): InstrumentationNodeModuleDefinition {
    const patch = (moduleExports: unknown): unknown => this.instrumentModule(moduleExports);
    const unpatch = (): void => {
      this.unpatchAll();
    };
    // kafkajs is CommonJS even where it is imported, and its entry requires this file: the require hook sees that in ES
    // module programs too, without any loader.
    const inner = new InstrumentationNodeModuleFile(INNER_MODULE, SUPPORTED, patch, unpatch);
    const definition: InstrumentationNodeModuleDefinition & { includePrerelease?: boolean } =
      new InstrumentationNodeModuleDefinition('kafkajs', SUPPORTED, patch, unpatch, [inner]);
    definition.includePrerelease = true;
    return definition;
  }

  override enable(): void {
    if (isSwitchedOff()) return;
    const wasEnabled = this.isEnabled();
    super.enable();
    if (wasEnabled) return;
    if (this._metrics?.hasMeter !== true) this.renewInstruments();
    for (const patched of this.patchedClasses().values()) patched.patch();
    attempt(this.telemetry(), 'enable', () => {
      this.patchLoaded();
    });
  }

  override disable(): void {
    super.disable();
    // What clients do from now on is not followed: their gauges would go stale.
    attempt(this.telemetry(), 'metrics', () => {
      this._metrics?.leaveMeter();
    });
    this.unpatchAll();
  }

  /**
   * Instruments a copy of kafkajs by hand, where no require hook can see it: inlined by a bundler, loaded by a test runner
   * with a module registry of its own, or loaded before this package. Doing it twice does no harm.
   *
   * ```js
   * const kafkajs = instrumentation.instrumentModule(require('kafkajs'));
   * ```
   *
   * @param kafkajs - what `require('kafkajs')` or `import * as kafkajs` gives
   * @returns the same object
   */
  instrumentModule<Module>(kafkajs: Module): Module {
    attempt(this.telemetry(), 'instrumentModule', () => {
      const kafkaClass = kafkaClassOf(kafkajs);
      if (!kafkaClass) {
        this.telemetry().log.warn(
          'module',
          'instrumentModule was given something that is not kafkajs; it is left as it is',
        );
        return;
      }
      const patched =
        this.patchedClasses().get(kafkaClass) ??
        new PatchedClass(this.telemetry(), kafkaClass, () => {
          this.meterProvider().follow(0);
        });
      this.patchedClasses().set(kafkaClass, patched);
      if (!this.isEnabled()) return;
      patched.patch();
      // The official instrumentation's hook for the same module may run after this one.
      process.nextTick(() => {
        if (this.isEnabled())
          attempt(this.telemetry(), 'patch', () => {
            patched.patch();
          });
      });
    });
    return kafkajs;
  }

  private currentMetrics(): Metrics | undefined {
    if (!this.settings().metrics) return undefined;
    // One that comes where there was none is noticed with the next call; one that takes another's place, within a second.
    this.meterProvider().follow(this._metrics?.isHeard === true ? undefined : 0);
    return this._metrics;
  }

  private meterProvider(): MeterProviderInUse {
    return (this._meterProvider ??= new MeterProviderInUse(provider => {
      attempt(this.telemetry(), 'metrics', () => {
        super.setMeterProvider(provider);
      });
    }));
  }

  private patchLoaded(): void {
    for (const kafkaClass of loadedBefore()) {
      if (this.patchedClasses().has(kafkaClass)) continue;
      this.instrumentModule(kafkaClass);
      this.sayLater(
        'kafkajs was loaded before this instrumentation: clients made from now on are traced, those made earlier are not. ' +
          'Load the instrumentation first, for example with --require.',
      );
    }
  }

  private unpatchAll(): void {
    for (const patched of this.patchedClasses().values()) patched.unpatch();
  }

  private patchedClasses(): Map<KafkaClass, PatchedClass> {
    return (this._patched ??= new Map<KafkaClass, PatchedClass>());
  }

  private settings(): Settings {
    return (this._settings ??= readSettings(this.getConfig(), process.env, problem => {
      this.sayLater(problem);
    }));
  }

  /** An SDK that is handed this instance sets up its logger right after. */
  private sayLater(problem: string): void {
    process.nextTick(() => {
      const telemetry = this.telemetry();
      attempt(telemetry, 'log', () => {
        telemetry.log.warn(problem, problem);
      });
    });
  }

  private hasAudience(): boolean {
    return (this._audience ??= new Audience()).isThere(this._tracerProvider, this._meterProvider?.chosen);
  }

  private telemetry(): Telemetry {
    return (this._telemetry ??= liveTelemetry({
      isEnabled: () => this.isEnabled(),
      hasAudience: () => this.hasAudience(),
      tracer: () => this.tracer,
      settings: () => this.settings(),
      metrics: () => this.currentMetrics(),
      logger: () => this.logger,
      diag: () => this._diag,
    }));
  }
}
