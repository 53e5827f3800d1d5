import type { Fault } from '../fault';

/** What programs do to themselves; each comes to the same every time. */
export const handlers: Fault = {
  scenarios: [
    { name: 'Handlers throw every error class, and what is none', program: 'errors' },
    {
      name: 'Handlers throw what kafkajs cannot print, and forgets the consumer',
      program: 'errors',
      env: { THROW: 'unprintable' },
    },
    { name: 'A handler hangs until its group has expelled it', program: 'hang' },
    { name: 'A handler never settles', program: 'hang', env: { NEVER: '1' } },
    { name: '`stop()` and `disconnect()` in the middle', program: 'middle' },
  ],
};

/** What the broker refuses. */
export const refusals: Fault = {
  scenarios: [
    { name: 'A transaction is fenced by a second producer', program: 'fenced' },
    { name: 'A topic is deleted while it is consumed', program: 'deleted' },
    {
      name: 'Messages are too large',
      program: 'too-large',
      warnings:
        /^@org\/kafka-otel A send to topic "small-\w+" failed with MESSAGE_TOO_LARGE, .* no headers are added/,
    },
  ],
};

/** Clients that come and go. */
export const leftovers = (cycles: number): Fault => ({
  scenarios: [
    {
      name: `Clients come and go, ${cycles} times`,
      program: 'leftovers',
      env: { CYCLES: String(cycles) },
      deadline: 180_000,
    },
  ],
});
