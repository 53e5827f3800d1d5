import { faultOf, spansOfOrder } from './expectations';
import type { Show } from './follow';
import { placeOrder, type DemoStep } from './orders';
import type { System } from './system';

/**
 * Places the orders of one step, and prints their traces when all are complete.
 *
 * @throws Error if a trace is still incomplete after the time limit. Before the error, the function prints the traces
 * as they are
 */
export async function runStep(
  { title, orders }: DemoStep,
  { ordersUrl, store, names }: Pick<System, 'ordersUrl' | 'store' | 'names'>,
  show: Show,
  withinMs: number,
): Promise<void> {
  const placed = await Promise.all(orders.map(order => placeOrder(ordersUrl, order)));
  const fault = () => {
    const { spans } = store;
    return placed.map(order => faultOf(order, spans, names)).find(found => found !== undefined);
  };
  const isComplete = await store.until(() => fault() === undefined, withinMs);
  const spans = placed.flatMap(({ id }) => spansOfOrder(id, store.spans, names));
  show(title, new Set(spans.map(({ traceId }) => traceId)));
  if (!isComplete) {
    throw new Error(
      `the trace of an order was not complete within ${withinMs / 1000} s: ${fault() ?? 'its last spans arrived later'}`,
    );
  }
}
