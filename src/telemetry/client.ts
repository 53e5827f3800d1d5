/** Where kafkajs knows them; absent is better than guessed. */
export interface ClientFacts {
  readonly group: string | undefined;
  clientId(): string | undefined;
  clusterId(): string | undefined;
  /** The broker that leads a partition. */
  leader(topic: string, partition: number): { readonly host: string; readonly port: number } | undefined;
}
