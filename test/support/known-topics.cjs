const { setTimeout: pause } = require('node:timers/promises');

/** Milliseconds. */
const DEADLINE = 10_000;
const PAUSE = 10;

/**
 * Waits until the broker knows all topics and every partition has a leader. The own waiting of kafkajs fails with an error when a new
 * topic is still unknown. And a produce request with one partition without a leader is retried as a whole, which duplicates the records
 * of the other partitions.
 *
 * @param {Pick<import('kafkajs').Admin, 'fetchTopicMetadata' | 'fetchTopicOffsets'>} admin
 * @param {string[]} topics
 * @returns {Promise<void>}
 */
async function known(admin, topics) {
  const deadline = Date.now() + DEADLINE;
  for (;;) {
    try {
      await admin.fetchTopicMetadata({ topics });
      await Promise.all(topics.map(topic => admin.fetchTopicOffsets(topic)));
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(PAUSE);
    }
  }
}

module.exports = { known };
