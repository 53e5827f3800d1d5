/** How long a broker may take to learn of a topic, in milliseconds. */
const LONGEST = 10_000;

/**
 * Asks for topics until the broker knows them all. One that has just been made may be unknown to it for a moment, which ends
 * kafkajs's own waiting with an error.
 *
 * @param {Pick<import('kafkajs').Admin, 'fetchTopicMetadata'>} admin
 * @param {string[]} topics
 * @returns {Promise<void>}
 */
async function known(admin, topics) {
  const deadline = Date.now() + LONGEST;
  for (;;) {
    try {
      await admin.fetchTopicMetadata({ topics });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

module.exports = { known };
