import { join } from 'node:path';
import { InvalidCommand, type Panel } from '../viewer/src/serving';
import type { Controls } from './controls';

export interface CommandResult {
  /** Id of the first order. */
  readonly order?: string;
}

const MAX_ORDERS = 1_000;

/**
 * The panel that the demo adds to the page of the viewer. Its buttons place orders and change the speed of a service.
 */
export class DemoPanel implements Panel {
  readonly script = join(__dirname, 'panel.js');
  readonly style = join(__dirname, 'panel.css');
  /** Undefined until the services run. Until then, the page sends no commands. */
  controls: Controls | undefined;

  state(): { readonly speed: Controls['speed'] } {
    return { speed: this.controls?.speed ?? 'full' };
  }

  /** Commands from the page: `orders` needs the fields `count` and `card`, and `speed` needs the field `speed`. */
  readonly commands = {
    orders: async (body: unknown): Promise<CommandResult> => {
      const { count, card } = fieldsOf(body);
      if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > MAX_ORDERS)
        throw new InvalidCommand(`count must be a whole number from 1 to ${MAX_ORDERS}`);
      if (card !== 'accepted' && card !== 'declined')
        throw new InvalidCommand('card must be accepted or declined');
      return { order: await this.running().place(count, card) };
    },
    speed: async (body: unknown): Promise<object> => {
      const { speed } = fieldsOf(body);
      if (speed !== 'full' && speed !== 'slow') throw new InvalidCommand('speed must be full or slow');
      await this.running().setSpeed(speed);
      return {};
    },
  };

  private running(): Controls {
    if (!this.controls) throw new Error('The services are still starting. Try again in a few seconds.');
    return this.controls;
  }
}

const fieldsOf = (body: unknown): Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null ? { ...body } : {};
