import { randomBytes } from 'node:crypto';
import { placeOrder, type Order } from './orders';

export type Speed = 'full' | 'slow';

/** The actions of the buttons on the page. They use only the HTTP APIs of the services. */
export interface Controls {
  /** Speed of the payment worker. `slow` adds a delay to every order. */
  readonly speed: Speed;
  /** Places orders, several at the same time. Returns the id of the first order. */
  place(count: number, card: Order['card']): Promise<string>;
  /**
   * `slow` delays the payment worker and places more orders than the worker can process, so the lag grows. `full` ends
   * the delay and the additional orders.
   */
  setSpeed(speed: Speed): Promise<void>;
  stop(): void;
}

/** Additional delay of the payment worker per order, in milliseconds. */
const DELAY_MS: Readonly<Record<Speed, number>> = { full: 0, slow: 250 };
/** While the worker is slow, an order is placed at this interval, for at most three minutes. */
const ORDER_INTERVAL_MS = 50;
const MAX_ORDERS_WHILE_SLOW = 3_600;
const CONCURRENT_ORDERS = 25;

const ITEMS = ['book', 'pen', 'chair', 'cup', 'table', 'lamp'] as const;

/** Returns a trace context with the flag "not sampled", so that requests that change the speed create no traces. */
const unsampled = () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;

export function controlsOf(urls: { readonly ordersUrl: string; readonly speedUrl: string }): Controls {
  let speed: Speed = 'full';
  let orderTimer: NodeJS.Timeout | undefined;
  let placed = 0;

  const place = (card: Order['card']) => {
    const item = ITEMS[placed++ % ITEMS.length] ?? 'book';
    return placeOrder(urls.ordersUrl, { item, amount: item.length * 4, card });
  };
  const stop = () => {
    clearInterval(orderTimer);
    orderTimer = undefined;
  };
  const startOrders = () => {
    let left = MAX_ORDERS_WHILE_SLOW;
    orderTimer = setInterval(() => {
      place('accepted').catch(stop);
      if (--left === 0) stop();
    }, ORDER_INTERVAL_MS);
    orderTimer.unref();
  };

  return {
    get speed() {
      return speed;
    },
    async place(count, card) {
      const { id } = await place(card);
      let left = count - 1;
      const placeRest = async () => {
        while (left-- > 0) await place(card);
      };
      await Promise.all(Array.from({ length: CONCURRENT_ORDERS }, placeRest));
      return id;
    },
    async setSpeed(wanted) {
      const response = await fetch(urls.speedUrl, {
        method: 'POST',
        headers: { traceparent: unsampled() },
        body: JSON.stringify({ delayMs: DELAY_MS[wanted] }),
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status !== 200)
        throw new Error(`payment-worker answered ${response.status}: ${await response.text()}`);
      speed = wanted;
      stop();
      if (wanted === 'slow') startOrders();
    },
    stop,
  };
}
