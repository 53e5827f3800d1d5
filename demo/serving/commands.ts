import type { Controls } from '../controls';

/** The result of a command, for the page. */
export interface CommandResult {
  /** Id of the first placed order. */
  readonly order?: string;
}

/** The parameters of a command are not valid. */
export class InvalidCommand extends Error {}

const MAX_ORDERS = 1_000;

/** Runs the command of a button: `/orders` with `count` and `card`, or `/speed` with `speed`. */
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
