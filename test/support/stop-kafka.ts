/** jest's globalTeardown of the e2e tests. A run that never gets here takes its Kafka down all the same, see kafka/guard.ts. */
export default async function stop(): Promise<void> {
  await globalThis.kafkaOfThisRun?.stop();
}
