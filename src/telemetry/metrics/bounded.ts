/** Values that become attributes of metrics: the first `limit` of them as they are, every later one as `rest`. */
export class Bounded {
  readonly #known = new Set<string>();

  constructor(
    private readonly limit: number,
    private readonly rest: string,
  ) {}

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.limit) return this.rest;
    this.#known.add(value);
    return value;
  }
}
