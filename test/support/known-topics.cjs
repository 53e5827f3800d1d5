const { setTimeout: pause } = require('node:timers/promises');

/** How long a broker may take to learn of a topic, in milliseconds. */
const LONGEST = 10_000;
const PAUSE = 10;

/**
 * Asks for topics until the broker knows them all and leads their partitions. One that has just been made may be unknown to it for a
 * moment, which ends kafkajs's own waiting with an error. And a request for two partitions of which one is not led yet is sent again
 * whole: the other one would have its records twice.
 *
 * @param {Pick<import('kafkajs').Admin, 'fetchTopicMetadata' | 'fetchTopicOffsets'>} admin
 * @param {string[]} topics
 * @returns {Promise<void>}
 */
async function known(admin, topics) {
  const deadline = Date.now() + LONGEST;
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
