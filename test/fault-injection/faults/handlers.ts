import type { Fault } from '../fault';

/** Faults inside the programs. They do not depend on chance. */
export const handlers: Fault = {
  scenarios: [
    { name: 'Handlers throw every error class, and values that are not errors', program: 'errors' },
    {
      name: 'Handlers throw values that kafkajs cannot print, and kafkajs does not restart the consumer',
      program: 'errors',
      env: { THROW: 'unprintable' },
    },
    { name: 'A handler hangs until its group removes the consumer', program: 'hang' },
    { name: 'A handler never settles', program: 'hang', env: { NEVER: '1' } },
    { name: '`stop()` and `disconnect()` while handlers run', program: 'middle' },
  ],
};

/** Requests that the broker rejects. */
export const refusals: Fault = {
  scenarios: [
    { name: 'A transaction is fenced by a second producer', program: 'fenced' },
    { name: 'A topic is deleted while it is consumed', program: 'deleted' },
    {
      name: 'Messages are too large',
      program: 'too-large',
      warnings:
        /^@org\/kafka-otel A send to topic "small-\w+" failed with MESSAGE_TOO_LARGE\. .* no headers are added/,
    },
  ],
};

/** Creates and disconnects clients again and again. */
export const leftovers = (cycles: number): Fault => ({
  scenarios: [
    {
      name: `Clients are created and disconnected ${cycles} times`,
      program: 'leftovers',
      env: { CYCLES: String(cycles) },
      deadline: 180_000,
    },
  ],
});
