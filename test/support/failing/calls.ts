import { join, relative, sep } from 'node:path';
import { projectRoot } from '../program';

/**
 * Which call should fail. A call site is a place in this package that calls OpenTelemetry, kafkajs or a function of the
 * user.
 */
export interface Fault {
  readonly site: string;
  /** Fail every call at this call site, or only the call with this number, counted from 1. */
  readonly nth: 'every' | number;
  /** Throw before the real call, or after it. */
  readonly when: 'before' | 'after';
}

const DIST = join(projectRoot, 'dist') + sep;
const HARNESS = join('test', 'support', 'failing') + sep;

/**
 * Counts the calls from this package into other code, and makes the chosen call throw. Counts by call site, such as
 * `span.end @ core/send.js finish`. Ignores calls from kafkajs, the SDK or the program.
 */
export class Calls {
  readonly counts = new Map<string, number>();
  thrown = 0;

  constructor(private readonly fault?: Fault | 'everything') {}

  /** @param onPackageCall - runs before `call` if this package is the caller */
  around<Result>(name: string, call: () => Result, onPackageCall: () => void = () => undefined): Result {
    const caller = callerInPackage();
    if (caller === undefined) return call();
    onPackageCall();
    const site = `${name} @ ${caller}`;
    const count = (this.counts.get(site) ?? 0) + 1;
    this.counts.set(site, count);
    const { fault } = this;
    const hit = fault === 'everything' ? { nth: 'every', when: 'before' } : fault?.site === site && fault;
    if (!hit || (hit.nth !== 'every' && hit.nth !== count)) return call();
    this.thrown++;
    if (hit.when === 'after') call();
    // Use a different message in every run, because some functions log the same message only once per process.
    throw new Error(`injected error: ${hit.when} ${hit.nth} ${site}`);
  }
}

/**
 * Returns the file and the function in `dist` that made the call, or `undefined` if the caller is not this package.
 * Skips stack frames of OpenTelemetry.
 */
function callerInPackage(): string | undefined {
  for (const frame of frames()) {
    const file = frame.getFileName();
    if (file == null || file.startsWith('node:') || file.includes(HARNESS)) continue;
    if (file.startsWith(DIST)) {
      const name = frame.getFunctionName() ?? `line ${frame.getLineNumber() ?? 0}`;
      return `${relative(DIST, file)} ${name}`;
    }
    if (!file.includes(`${sep}@opentelemetry${sep}`)) return undefined;
  }
  return undefined;
}

function frames(): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error;
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  Error.prepareStackTrace = (_, sites) => sites;
  Error.stackTraceLimit = 20;
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, frames);
  const sites = holder.stack as readonly NodeJS.CallSite[];
  Error.stackTraceLimit = stackTraceLimit;
  if (prepare) Object.defineProperty(Error, 'prepareStackTrace', prepare);
  else Reflect.deleteProperty(Error, 'prepareStackTrace');
  return sites;
}
