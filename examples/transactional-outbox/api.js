const { randomUUID } = require('node:crypto');
const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');
const { propagateContext } = require('@org/kafka-otel');
const { Pool } = require('pg');

const { ORDERS_TOPIC = 'orders', DATABASE_URL, PORT = '3000' } = process.env;

// Without DATABASE_URL, pg reads PGHOST, PGUSER and so on.
const database = new Pool({ connectionString: DATABASE_URL });

async function inTransaction(work) {
  const client = await database.connect();
  let broken;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(reason => {
      broken = reason;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function placeOrder({ item }) {
  if (typeof item !== 'string') return { status: 400, body: { error: 'expected an item (string)' } };
  const order = { id: randomUUID(), item };
  const { key, value, headers = {} } = propagateContext({ key: order.id, value: JSON.stringify(order) });
  await inTransaction(async client => {
    await client.query('INSERT INTO orders (id, item) VALUES ($1, $2)', [order.id, order.item]);
    await client.query('INSERT INTO outbox (topic, key, value, headers) VALUES ($1, $2, $3, $4)', [
      ORDERS_TOPIC,
      key,
      value,
      headers,
    ]);
  });
  return { status: 201, body: { id: order.id } };
}

async function handle(request) {
  if (request.method !== 'POST' || request.url !== '/orders') return { status: 404, body: {} };
  try {
    return await placeOrder(await json(request));
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 400, body: { error: 'the body is not valid JSON' } };
    console.error(error);
    return { status: 503, body: { error: 'try again later' } };
  }
}

const server = createServer(async (request, response) => {
  const { status, body } = await handle(request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});

async function main() {
  await database.query('SELECT 1');
  server.listen(Number(PORT), () => console.log(`order-api listens on port ${server.address().port}`));
}

async function stop() {
  await new Promise(closed => {
    server.close(closed);
    server.closeIdleConnections();
  });
  await database.end();
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

database.on('error', error => console.error(error));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().catch(fail));
main().catch(fail);
