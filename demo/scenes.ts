import { faultOf, spansOfOrder } from './expectations';
import type { Show } from './follow';
import { placeOrder, type Scene } from './orders';
import type { System } from './system';

/**
 * Places a scene's orders and shows their traces when all are complete.
 *
 * @throws Error with the reason if they are incomplete after the time limit; the incomplete traces have then been shown
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
  const isComplete = await viewer.until(() => fault() === undefined, withinMs);
  const spans = placed.flatMap(({ id }) => spansOfOrder(id, viewer.spans, names));
  show(title, new Set(spans.map(({ traceId }) => traceId)));
  if (!isComplete) {
    throw new Error(
      `a trace is incomplete ${withinMs / 1000} s after its order: ${fault() ?? 'it became complete too late'}`,
    );
  }
}
