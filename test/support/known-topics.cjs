const { setTimeout: pause } = require('node:timers/promises');

/** Maximum waiting time, in milliseconds. */
const DEADLINE = 10_000;
const PAUSE = 10;

/**
 * Waits until the brokers know all topics and every partition has a leader. Otherwise kafkajs would repeat whole
 * produce requests, and write the records of other partitions twice. The option `waitForLeaders` of kafkajs is no
 * alternative: it fails while a new topic is unknown.
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
