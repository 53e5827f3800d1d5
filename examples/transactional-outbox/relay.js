const { setTimeout } = require('node:timers/promises');
const { context } = require('@opentelemetry/api');
const { suppressTracing } = require('@opentelemetry/core');
const { Kafka, Partitioners } = require('kafkajs');
const { Pool } = require('pg');

const { KAFKA_BROKERS = 'localhost:9092', DATABASE_URL, POLL_MS = '1000', BATCH_SIZE = '100' } = process.env;

const kafka = new Kafka({ clientId: 'outbox-relay', brokers: KAFKA_BROKERS.split(',') });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true });
// Without DATABASE_URL, pg reads PGHOST, PGUSER and so on.
const database = new Pool({ connectionString: DATABASE_URL });

// Suppress tracing, because every query for new rows would be a trace.
const untraced = suppressTracing(context.active());
const withoutTracing = work => context.with(untraced, work);

function byTopic(rows) {
  const topics = new Map();
  for (const { topic, key, value, headers } of rows) {
    topics.set(topic, [...(topics.get(topic) ?? []), { key, value, headers }]);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

/** Sends the oldest rows and deletes them. If the process crashes between the two steps, it sends the rows again later. */
async function relay() {
  const client = await withoutTracing(() => database.connect());
  const query = (...statement) => withoutTracing(() => client.query(...statement));
  let broken;
  try {
    await query('BEGIN');
    // Lock the rows, so that a second relay cannot send later rows first.
    const { rows } = await query(
      'SELECT id, topic, key, value, headers FROM outbox ORDER BY id LIMIT $1 FOR UPDATE',
      [Number(BATCH_SIZE)],
    );
    if (rows.length > 0) {
      await producer.sendBatch({ topicMessages: byTopic(rows) });
      await query('DELETE FROM outbox WHERE id = ANY($1)', [rows.map(({ id }) => id)]);
    }
    await query('COMMIT');
    return rows.length;
  } catch (error) {
    await query('ROLLBACK').catch(reason => {
      broken = reason;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const stopping = new AbortController();

async function pause() {
  await setTimeout(Number(POLL_MS), undefined, { signal: stopping.signal }).catch(() => undefined);
}

async function main() {
  await producer.connect();
  console.log('outbox-relay is ready');
  while (!stopping.signal.aborted) {
    try {
      if ((await relay()) > 0) continue;
    } catch (error) {
      console.error(error);
    }
    await pause();
  }
  await producer.disconnect();
  await database.end();
}

database.on('error', error => console.error(error));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());
main().catch(error => {
  console.error(error);
  process.exit(1);
});
