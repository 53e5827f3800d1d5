/** Jest's global teardown for the e2e tests. If a run is killed before the teardown, `kafka/guard.ts` stops Kafka. */
export default async function stop(): Promise<void> {
  await globalThis.kafkaOfThisRun?.stop();
}
