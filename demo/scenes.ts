import { faultOf, storyOf } from './expectations';
import type { Show } from './follow';
import { placeOrder, type Scene } from './orders';
import type { System } from './system';

/**
 * Places a scene's orders and shows their traces as soon as all of them are whole.
 *
 * @throws Error with the reason when they are not whole within the time; what is there of them has been shown then.
 */
export async function playScene(
  { title, orders }: Scene,
  { ordersUrl, viewer, names }: Pick<System, 'ordersUrl' | 'viewer' | 'names'>,
  show: Show,
  withinMs: number,
): Promise<void> {
  const placed = await Promise.all(orders.map(order => placeOrder(ordersUrl, order)));
  const fault = () => {
    const { spans } = viewer;
    return placed.map(order => faultOf(order, spans, names)).find(found => found !== undefined);
  };
  const whole = await viewer.until(() => fault() === undefined, withinMs);
  const story = placed.flatMap(({ id }) => storyOf(id, viewer.spans, names));
  show(title, new Set(story.map(({ traceId }) => traceId)));
  if (!whole) {
    throw new Error(
      `a trace is not whole ${withinMs / 1000} s after its order: ${fault() ?? 'it came too late'}`,
    );
  }
}
