import { join, relative, sep } from 'node:path';
import { projectRoot } from '../program';

/** Which call should fail. A call site is a place in this package that calls OpenTelemetry, kafkajs or a function of the user. */
export interface Fault {
  readonly site: string;
  /** Fail every call at this call site, or only the nth one. The first call has the number 1. */
  readonly nth: 'every' | number;
  /** Throw before the real call, or after it. */
  readonly when: 'before' | 'after';
}

const DIST = join(projectRoot, 'dist') + sep;
const HARNESS = join('test', 'support', 'failing') + sep;

/**
 * Counts the calls from this package into other code by call site, such as `span.end @ core/send.js finish`. Lets the chosen call
 * throw. Ignores calls that come from kafkajs, the SDK or the program.
 */
export class Calls {
  readonly counts = new Map<string, number>();
  /** Number of calls that threw. */
  thrown = 0;

  constructor(private readonly fault?: Fault | 'everything') {}

  /** @param onPackageCall - called before `call`, but only if this package is the caller */
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
    // Some functions log the same error only once per process. With a different message for every run, each failure is
    // logged.
    throw new Error(`injected error: ${hit.when} ${hit.nth} ${site}`);
  }
}

/**
 * Returns the file and function in `dist` that made the call. Skips stack frames of OpenTelemetry in between. Returns `undefined`
 * if the caller is not this package.
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
