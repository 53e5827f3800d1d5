const {
  PAYMENTS_TOPIC = 'payments',
  RETRIES = 'payments-retry-1=1000,payments-retry-2=10000',
  DEAD_LETTERS_TOPIC = 'payments-dead-letters',
} = process.env;

const retries = RETRIES.split(',').map(retry => {
  const [topic, delayMs] = retry.split('=');
  return { topic, delayMs: Number(delayMs) };
});

/** The topics that a payment passes through, in order. Each has a delay, and the topic for payments that fail. */
const stages = [{ topic: PAYMENTS_TOPIC, delayMs: 0 }, ...retries].map((stage, index) => ({
  ...stage,
  next: retries[index]?.topic ?? DEAD_LETTERS_TOPIC,
}));

module.exports = { stages, DEAD_LETTERS_TOPIC };
