/** Global teardown of the e2e tests in jest. If a run is killed before this, kafka/guard.ts stops Kafka. */
export default async function stop(): Promise<void> {
  await globalThis.kafkaOfThisRun?.stop();
}
