import { join, relative, sep } from 'node:path';
import { projectRoot } from '../program';

/** Which call fails: one place in this package that calls OpenTelemetry, kafkajs or a hook. */
export interface Fault {
  readonly site: string;
  /** Every call, or only the nth, counted from 1. */
  readonly nth: 'every' | number;
  /** Throw instead of the call, or after it. */
  readonly when: 'before' | 'after';
}

const DIST = join(projectRoot, 'dist') + sep;
const HARNESS = join('test', 'support', 'failing') + sep;

/**
 * Counts the calls from this package into other code, by call site such as `span.end @ core/send.js finish`, and makes one
 * of them throw. Calls that kafkajs, the SDK or the program make themselves are not counted and never fail.
 */
export class Calls {
  readonly counts = new Map<string, number>();
  /** How many times the fault was thrown. */
  thrown = 0;

  constructor(private readonly fault?: Fault | 'everything') {}

  /** @param onPackageCall - called first when the caller is this package */
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
    // Some functions log each cause once per process, so every round throws its own message.
    throw new Error(`injected ${hit.when} ${hit.nth} ${site}`);
  }
}

/**
 * File and function of the calling code in `dist`, looking through frames of OpenTelemetry in between; `undefined` for any
 * other caller.
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
