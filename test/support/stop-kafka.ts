/** jest's globalTeardown of the e2e tests. If a run is killed before this, kafka/guard.ts stops its Kafka. */
export default async function stop(): Promise<void> {
  await globalThis.kafkaOfThisRun?.stop();
}
