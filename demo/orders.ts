import type { PlacedOrder } from './expectations';

export interface Order {
  readonly item: string;
  readonly amount: number;
  readonly card: 'accepted' | 'declined';
}

/** Orders that are placed at the same time, and a title for their traces. */
export interface DemoStep {
  readonly title: string;
  readonly orders: readonly Order[];
}

export const DEMO_STEPS: readonly DemoStep[] = [
  {
    title: 'An order, from the HTTP request to SQL and receipt',
    orders: [{ item: 'book', amount: 12, card: 'accepted' }],
  },
  {
    title: 'An order with a declined card: it fails, is delivered again, and goes to the dead-letter topic',
    orders: [{ item: 'lamp', amount: 40, card: 'declined' }],
  },
  {
    title: 'Two orders at the same time: if their receipts are in one batch, it links to both',
    orders: [
      { item: 'chair', amount: 75, card: 'accepted' },
      { item: 'table', amount: 180, card: 'accepted' },
    ],
  },
];

export const curlLine = (ordersUrl: string): string =>
  `curl -d '{"item":"pen","amount":3,"card":"accepted"}' ${ordersUrl}`;

const TIMEOUT_MS = 10_000;

export async function placeOrder(ordersUrl: string, order: Order): Promise<PlacedOrder> {
  const response = await fetch(ordersUrl, {
    method: 'POST',
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = (await response.json()) as { readonly id?: unknown };
  if (response.status !== 202 || typeof answer.id !== 'string') {
    throw new Error(`order-api answered ${response.status}: ${JSON.stringify(answer)}`);
  }
  return { id: answer.id, outcome: order.card === 'accepted' ? 'paid' : 'declined' };
}
