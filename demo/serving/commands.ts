import type { Controls } from '../controls';

/** The result of a button, sent to the page. */
export interface CommandResult {
  /** Id of the first placed order. */
  readonly order?: string;
}

/** Thrown if the parameters of a request are invalid. */
export class InvalidCommand extends Error {}

const MAX_ORDERS = 1_000;

/** Does what a button requests: `/orders` with `count` and `card`, or `/speed` with `speed`. */
export async function runCommand(path: string, body: unknown, controls: Controls): Promise<CommandResult> {
  const { count, card, speed } = (typeof body === 'object' && body !== null ? body : {}) as Readonly<
    Record<string, unknown>
  >;
  if (path === '/orders') {
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > MAX_ORDERS)
      throw new InvalidCommand(`count must be a whole number from 1 to ${MAX_ORDERS}`);
    if (card !== 'accepted' && card !== 'declined')
      throw new InvalidCommand('card must be accepted or declined');
    return { order: await controls.place(count, card) };
  }
  if (speed !== 'full' && speed !== 'slow') throw new InvalidCommand('speed must be full or slow');
  await controls.setSpeed(speed);
  return {};
}
