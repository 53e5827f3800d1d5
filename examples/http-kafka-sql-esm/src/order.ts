export interface Order {
  readonly id: string;
  readonly item: string;
  readonly quantity: number;
}

/** Validates a request body. Returns `undefined` if it is not an order. */
export function readOrder(id: string, body: unknown): Order | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { item, quantity } = body as Readonly<Record<string, unknown>>;
  if (typeof item !== 'string' || typeof quantity !== 'number' || !Number.isInteger(quantity))
    return undefined;
  return { id, item, quantity };
}
