import type { Controls } from '../controls';

/** What a command did, for the page to tell. */
export interface Done {
  /** The first order that was placed. */
  readonly order?: string;
}

/** A command that is not one of those below. */
export class WrongCommand extends Error {}

const MOST_ORDERS = 1_000;

/** Carries out what a button asks for: `/orders` with `count` and `card`, `/speed` with `speed`. */
export async function carryOut(path: string, wish: unknown, controls: Controls): Promise<Done> {
  const { count, card, speed } = (typeof wish === 'object' && wish !== null ? wish : {}) as Readonly<
    Record<string, unknown>
  >;
  if (path === '/orders') {
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > MOST_ORDERS)
      throw new WrongCommand(`count is a number from 1 to ${MOST_ORDERS}`);
    if (card !== 'accepted' && card !== 'declined') throw new WrongCommand('card is accepted or declined');
    return { order: await controls.place(count, card) };
  }
  if (speed !== 'full' && speed !== 'slow') throw new WrongCommand('speed is full or slow');
  await controls.setSpeed(speed);
  return {};
}
