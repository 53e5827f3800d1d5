import { placeOrder, type Order } from './orders';

export type Speed = 'full' | 'slow';

/** The actions of the page's buttons. They only use the services' HTTP APIs. */
export interface Controls {
  /** Speed of the payment worker. */
  readonly speed: Speed;
  /** Places orders, several concurrently. @returns the id of the first one */
  place(count: number, card: Order['card']): Promise<string>;
  /** `slow` delays the payment worker and places orders faster than it can process them; `full` ends both. */
  setSpeed(speed: Speed): Promise<void>;
  stop(): void;
}

/** Additional time that the payment worker takes per order. */
const DELAY_MS: Readonly<Record<Speed, number>> = { full: 0, slow: 250 };
/** While the worker is slow, orders are placed at this interval, for at most three minutes. */
const ORDER_INTERVAL_MS = 50;
const MAX_ORDERS_WHILE_SLOW = 3_600;
const CONCURRENT_ORDERS = 25;

const ITEMS = ['book', 'pen', 'chair', 'cup', 'table', 'lamp'] as const;

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
