import { context } from '@opentelemetry/api';
import { setImmediate as turn } from 'node:timers/promises';
import type { Request } from '../captured/cluster';
import type { Copy } from '../captured/copy';
import type { Mutant } from '../mutant';
import { image, inside } from '../values/image';
import type { OwnedObjects } from '../values/owned';
import { Session, type Entry } from './session';
import type { Setting } from './setting';

/** A generated program with a generated setting. */
export interface Program {
  readonly kind: string;
  readonly text: string;
  readonly classes: readonly string[];
  readonly setting: Setting;
  /** True if the program has wrapped kafkajs's clients itself. */
  readonly isWrapped?: boolean;
  run(session: Session): Promise<void>;
}

/** Everything a program could observe in one run. */
export interface Observation {
  readonly calls: readonly Entry[];
  readonly log: readonly Entry[];
  readonly requests: readonly Request[];
  /** Unhandled rejections and uncaught exceptions. */
  readonly unhandled: readonly unknown[];
  /** The program's objects after the run. */
  readonly objects: readonly unknown[];
}

let onUnhandled: ((kind: string, error: unknown) => void) | undefined;

/** From now on, unhandled errors are recorded in the observation instead of ending the process. */
export function recordUnhandledErrors(): void {
  for (const kind of ['unhandledRejection', 'uncaughtException'])
    process.on(kind, (error: unknown) => {
      if (onUnhandled) onUnhandled(kind, error);
      else throw error;
    });
}

/** Fixed, so that both runs write the same timestamps. */
const NOW = 1_750_000_000_000;

export async function observe(
  program: Program,
  copy: Copy,
  suffix: string,
  mutant?: Mutant,
): Promise<Observation> {
  const session = new Session(copy, suffix, mutant);
  const unhandled: unknown[] = [];
  onUnhandled = (kind, error) => unhandled.push([kind, image(error, session.owned)]);
  const { now } = Date;
  const { random } = Math;
  Date.now = () => NOW;
  Math.random = () => 0.5;
  try {
    await context.with(program.setting.activeContext(), () => program.run(session));
    // Node.js reports unhandled rejections only after the microtasks of a turn.
    await turn();
    await turn();
  } finally {
    Date.now = now;
    Math.random = random;
  }
  const { calls, log, requests, owned } = session;
  return { calls, log, requests, unhandled, objects: objectsOf(owned) };
}

function objectsOf(owned: OwnedObjects): unknown[] {
  return owned.objects.map(object => inside(object, owned));
}
