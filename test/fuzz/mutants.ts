/** A fault of an instrumentation, planted between a program and the clients that it holds. */
export interface Mutant {
  readonly name: string;
  producer?(producer: never): void;
  consumer?(consumer: never): void;
  admin?(admin: never): void;
}
