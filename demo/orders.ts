import type { PlacedOrder } from './expectations';

export interface Order {
  readonly item: string;
  readonly amount: number;
  readonly card: 'accepted' | 'declined';
}

/** Orders that are placed at once, and the title under which their traces are shown. */
export interface Scene {
  readonly title: string;
  readonly orders: readonly Order[];
}

/** What the demo shows, one after the other. */
export const SCENES: readonly Scene[] = [
  {
    title: 'An order, from the HTTP request to the SQL and the receipt',
    orders: [{ item: 'book', amount: 12, card: 'accepted' }],
  },
  {
    title: 'An order whose card is declined: it fails, is delivered again, and goes to the dead letters',
    orders: [{ item: 'lamp', amount: 40, card: 'declined' }],
  },
  {
    title: 'Two orders at once: where their receipts make one batch, it links to both',
    orders: [
      { item: 'chair', amount: 75, card: 'accepted' },
      { item: 'table', amount: 180, card: 'accepted' },
    ],
  },
];

/** A line to paste into a shell; another `"card"` than `"declined"` is accepted. */
export const curlLine = (ordersUrl: string): string =>
  `curl -d '{"item":"pen","amount":3,"card":"accepted"}' ${ordersUrl}`;

const ANSWER_WITHIN_MS = 10_000;

/** Places an order as any client would. */
export async function placeOrder(ordersUrl: string, order: Order): Promise<PlacedOrder> {
  const response = await fetch(ordersUrl, {
    method: 'POST',
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const answer = (await response.json()) as { readonly id?: unknown };
  if (response.status !== 202 || typeof answer.id !== 'string') {
    throw new Error(`order-api answered ${response.status}: ${JSON.stringify(answer)}`);
  }
  return { id: answer.id, outcome: order.card === 'accepted' ? 'paid' : 'declined' };
}
