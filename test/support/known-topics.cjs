const { setTimeout: pause } = require('node:timers/promises');

/** Maximum time to wait, in milliseconds. */
const DEADLINE = 10_000;
const PAUSE = 10;

/**
 * Waits until the brokers know all topics and every partition has a leader. If one partition has no leader, kafkajs repeats
 * the whole produce request, so the records of the other partitions are written twice. The option `waitForLeaders` of kafkajs
 * does not help: it fails if a new topic is still unknown.
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
