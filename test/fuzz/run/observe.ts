import { context } from '@opentelemetry/api';
import { setImmediate as turn } from 'node:timers/promises';
import type { Request } from '../captured/cluster';
import type { Copy } from '../captured/copy';
import type { Mutant } from '../planting';
import { image, inside } from '../values/image';
import type { Owned } from '../values/owned';
import { Session, type Entry } from './session';
import type { Setting } from './setting';

/** A generated program, in a generated setting. */
export interface Program {
  readonly kind: string;
  readonly text: string;
  readonly classes: readonly string[];
  readonly setting: Setting;
  /** Runs on a copy of kafkajs with a wrapper of the program's own. */
  readonly isWrapped?: boolean;
  run(session: Session): Promise<void>;
}

/** All that can be told of a run from outside. */
export interface Observation {
  readonly calls: readonly Entry[];
  readonly log: readonly Entry[];
  readonly requests: readonly Request[];
  /** Rejections that nobody handled and errors that nobody caught. */
  readonly unhandled: readonly unknown[];
  /** The program's objects, as they are afterwards. */
  readonly objects: readonly unknown[];
}

let stray: ((kind: string, error: unknown) => void) | undefined;

/** From here on, what nobody handles is part of an observation, and ends no process. */
export function watchStrays(): void {
  for (const kind of ['unhandledRejection', 'uncaughtException'])
    process.on(kind, (error: unknown) => {
      if (stray) stray(kind, error);
      else throw error;
    });
}

/** The time at which programs run: two runs write the same timestamps. */
const NOW = 1_750_000_000_000;

export async function observe(
  program: Program,
  copy: Copy,
  suffix: string,
  mutant?: Mutant,
): Promise<Observation> {
  const session = new Session(copy, suffix, mutant);
  const unhandled: unknown[] = [];
  stray = (kind, error) => unhandled.push([kind, image(error, session.owned)]);
  const { now } = Date;
  const { random } = Math;
  Date.now = () => NOW;
  Math.random = () => 0.5;
  try {
    await context.with(program.setting.surround(), () => program.run(session));
    // Node tells of an unhandled rejection only after the microtasks of a turn.
    await turn();
    await turn();
  } finally {
    Date.now = now;
    Math.random = random;
  }
  const { calls, log, requests, owned } = session;
  return { calls, log, requests, unhandled, objects: objectsOf(owned) };
}

function objectsOf(owned: Owned): unknown[] {
  return owned.objects.map(object => inside(object, owned));
}
