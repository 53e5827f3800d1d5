import { placeOrder, type Order } from './orders';

export type Speed = 'full' | 'slow';

/** What the page's buttons do, as any client of the services could. */
export interface Controls {
  /** Of the payment worker. */
  readonly speed: Speed;
  /** Places orders, some at once. @returns the id of the first one. */
  place(count: number, card: Order['card']): Promise<string>;
  /**
   * `slow` makes the payment worker take its time over each order, and lets orders come in faster than it can pay them;
   * `full` ends both.
   */
  setSpeed(speed: Speed): Promise<void>;
  stop(): void;
}

/** How long the payment worker dwells on an order. */
const DWELL_MS: Readonly<Record<Speed, number>> = { full: 0, slow: 250 };
/** While it is slow, an order comes in every so often, for three minutes at most: who walks away finds a demo at rest. */
const ORDER_EVERY_MS = 50;
const ORDERS_WHILE_SLOW = 3_600;
const AT_ONCE = 25;

const ITEMS = ['book', 'pen', 'chair', 'cup', 'table', 'lamp'] as const;

export function controlsOf(urls: { readonly ordersUrl: string; readonly speedUrl: string }): Controls {
  let speed: Speed = 'full';
  let flow: NodeJS.Timeout | undefined;
  let placed = 0;

  const place = (card: Order['card']) => {
    const item = ITEMS[placed++ % ITEMS.length] ?? 'book';
    return placeOrder(urls.ordersUrl, { item, amount: item.length * 4, card });
  };
  const stop = () => {
    clearInterval(flow);
    flow = undefined;
  };
  const letOrdersComeIn = () => {
    let left = ORDERS_WHILE_SLOW;
    flow = setInterval(() => {
      place('accepted').catch(stop);
      if (--left === 0) stop();
    }, ORDER_EVERY_MS);
    flow.unref();
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
      await Promise.all(Array.from({ length: AT_ONCE }, placeRest));
      return id;
    },
    async setSpeed(wanted) {
      const response = await fetch(urls.speedUrl, {
        method: 'POST',
        body: JSON.stringify({ dwellMs: DWELL_MS[wanted] }),
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status !== 200)
        throw new Error(`payment-worker answered ${response.status}: ${await response.text()}`);
      speed = wanted;
      stop();
      if (wanted === 'slow') letOrdersComeIn();
    },
    stop,
  };
}
