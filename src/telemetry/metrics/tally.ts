import type { Attributes, Counter } from '@opentelemetry/api';

/** One series of a counter that waits to be handed over: adding to it costs an addition, no hashing of attributes. */
export interface Cell {
  pending: number;
  readonly attributes: Attributes;
}

/** Series kept at once. With no reader nobody ever drains, so this bounds what a process without metrics holds. */
const MAX_CELLS = 2000;

/**
 * Counts kept in plain fields and added to an ordinary counter when somebody collects: so views and temporality are the
 * SDK's business, and the hot path does not touch the SDK.
 */
export class Tally {
  readonly #cells = new Map<string, Cell>();
  readonly #rest: Cell;

  /** @param rest - the attributes of the series for whatever is more than can be kept apart */
  constructor(rest: Attributes) {
    this.#rest = { pending: 0, attributes: rest };
  }

  cell(key: string, attributes: () => Attributes): Cell {
    const known = this.#cells.get(key);
    if (known) return known;
    if (this.#cells.size >= MAX_CELLS) return this.#rest;
    const cell: Cell = { pending: 0, attributes: attributes() };
    this.#cells.set(key, cell);
    return cell;
  }

  drainInto(counter: Counter): void {
    for (const cell of this.#cells.values()) drain(cell, counter);
    drain(this.#rest, counter);
  }
}

function drain(cell: Cell, counter: Counter): void {
  if (cell.pending === 0) return;
  const { pending } = cell;
  cell.pending = 0;
  counter.add(pending, cell.attributes);
}
