import { join, relative, sep } from 'node:path';
import { projectRoot } from '../program';

/** Which call is to fail: one place in our code from which a part of OpenTelemetry, of kafkajs or a hook is called. */
export interface Fault {
  readonly site: string;
  /** Every call, or one by its number, from 1. */
  readonly nth: 'every' | number;
  /** Before the part has done its work, or after. */
  readonly when: 'before' | 'after';
}

const OURS = join(projectRoot, 'dist') + sep;
const HARNESS = join('test', 'support', 'failing') + sep;

/**
 * The calls that our code makes of parts that are not ours. It counts them by place, `span.end @ telemetry/send.js finish`, and
 * makes one of them throw. What kafkajs, the SDK or the program call for themselves is neither counted nor broken.
 */
export class Calls {
  readonly counts = new Map<string, number>();
  /** How often the fault was thrown. */
  thrown = 0;

  constructor(private readonly fault?: Fault | 'everything') {}

  /** @param noticed - told where the call comes from our code */
  around<Result>(name: string, call: () => Result, noticed: () => void = () => undefined): Result {
    const place = placeOfCaller();
    if (place === undefined) return call();
    noticed();
    const site = `${name} @ ${place}`;
    const count = (this.counts.get(site) ?? 0) + 1;
    this.counts.set(site, count);
    const { fault } = this;
    const hit = fault === 'everything' ? { nth: 'every', when: 'before' } : fault?.site === site && fault;
    if (!hit || (hit.nth !== 'every' && hit.nth !== count)) return call();
    this.thrown++;
    if (hit.when === 'after') call();
    // Functions without an instrumentation tell each cause once per process, so every round has its own.
    throw new Error(`injected ${hit.when} ${hit.nth} ${site}`);
  }
}

/**
 * Where in our code a call comes from, through whatever of OpenTelemetry is in between; `undefined` if somebody else is the
 * caller.
 */
function placeOfCaller(): string | undefined {
  for (const frame of frames()) {
    const file = frame.getFileName();
    if (file == null || file.startsWith('node:') || file.includes(HARNESS)) continue;
    if (file.startsWith(OURS)) {
      const name = frame.getFunctionName() ?? `line ${frame.getLineNumber() ?? 0}`;
      return `${relative(OURS, file)} ${name}`;
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
