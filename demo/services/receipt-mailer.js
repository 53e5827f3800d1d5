// Sends receipts by mail. One mail contains all receipts of a batch.
const { createKafka, subscription } = require('./kafka');

const { GROUP_ID = 'receipt-mailer', RECEIPTS_TOPIC = 'receipts' } = process.env;

const kafka = createKafka('receipt-mailer');
// Let the broker wait up to 200 ms before it answers a fetch, so that several receipts arrive together.
const consumer = kafka.consumer({ groupId: GROUP_ID, minBytes: 1_000_000, maxWaitTimeInMs: 200 });

async function mail({ batch }) {
  const lines = batch.messages.map(({ value }) => {
    const { item, amount } = JSON.parse(value);
    return `${item}: ${amount}`;
  });
  console.log(`mailed a receipt for ${lines.join(', ')}`);
}

async function main() {
  await consumer.connect();
  await consumer.subscribe(subscription(RECEIPTS_TOPIC));
  await consumer.run({ eachBatch: mail });
  console.log('receipt-mailer is ready');
}

process.once('SIGTERM', () => {
  void consumer.disconnect();
});

main().catch(error => {
  console.error(error);
  process.exit(1);
});
