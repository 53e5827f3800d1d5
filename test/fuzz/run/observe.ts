import { context } from '@opentelemetry/api';
import { setImmediate as turn } from 'node:timers/promises';
import type { Request } from '../captured/cluster';
import type { WireRecord } from '../captured/wire';
import type { Mutant } from '../mutant';
import { image, inside } from '../values/image';
import type { OwnedObjects } from '../values/owned';
import { Session, type Entry } from './session';
import type { Setting } from './setting';

/** How reports describe a generated program. */
export interface Described {
  readonly kind: string;
  readonly text: string;
  readonly classes: readonly string[];
  readonly setting: Setting;
  /** True if the program wraps the clients of the library. */
  readonly isWrapped?: boolean;
}

/** A generated program with generated settings, for a copy of a client library. */
export interface Program<Loaded> extends Described {
  run(session: Session<Loaded>): Promise<void>;
}

/** Everything that a program can notice in one run. */
export interface Observation {
  readonly calls: readonly Entry[];
  readonly log: readonly Entry[];
  readonly requests: readonly Request[];
  readonly produced: readonly WireRecord[];
  /** Unhandled rejections and uncaught exceptions. */
  readonly unhandled: readonly unknown[];
  /** The objects of the program, as they are after the run. */
  readonly objects: readonly unknown[];
}

let onUnhandled: ((kind: string, error: unknown) => void) | undefined;

/** From now on, unhandled errors are recorded in the observation. They no longer end the process. */
export function recordUnhandledErrors(): void {
  for (const kind of ['unhandledRejection', 'uncaughtException'])
    process.on(kind, (error: unknown) => {
      if (onUnhandled) onUnhandled(kind, error);
      else throw error;
    });
}

/** The clock is fixed, so that both runs write the same timestamps. */
const NOW = 1_750_000_000_000;

export async function observe<Loaded>(
  program: Program<Loaded>,
  copy: Loaded,
  suffix: string,
  mutant?: Mutant,
): Promise<Observation> {
  const session = new Session(copy, suffix, mutant);
  const unhandled: unknown[] = [];
  onUnhandled = (kind, error) => unhandled.push([kind, image(error, session.owned)]);
  const { now } = Date;
  const { random } = Math;
  const { hrtime } = process;
  let clock = 0n;
  Date.now = () => NOW;
  Math.random = () => 0.5;
  // Confluent's client uses this clock to decide how many messages it fetches at once.
  const original = Object.getOwnPropertyDescriptor(hrtime, 'bigint');
  hrtime.bigint = () => (clock += 300_000_000n);
  try {
    await context.with(program.setting.activeContext(), () => program.run(session));
    // Wait, because Node.js reports an unhandled rejection only after all microtasks.
    await turn();
    await turn();
  } finally {
    Date.now = now;
    Math.random = random;
    if (original) Object.defineProperty(hrtime, 'bigint', original);
  }
  const { calls, log, requests, produced, owned } = session;
  return { calls, log, requests, produced, unhandled, objects: objectsOf(owned) };
}

function objectsOf(owned: OwnedObjects): unknown[] {
  return owned.objects.map(object => inside(object, owned));
}
