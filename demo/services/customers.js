// Imitates customers who place orders continuously. Some of them have a declined card.
const { ORDERS_URL = 'http://localhost:3000/orders', ORDERS_PER_SECOND = '5' } = process.env;

const ITEMS = ['book', 'lamp', 'chair', 'table', 'cup'];
const DECLINED_SHARE = 0.02;

const randomItem = list => list[Math.floor(Math.random() * list.length)];

async function placeOrder() {
  const order = {
    item: randomItem(ITEMS),
    amount: 1 + Math.floor(Math.random() * 200),
    card: Math.random() < DECLINED_SHARE ? 'declined' : 'accepted',
  };
  const response = await fetch(ORDERS_URL, { method: 'POST', body: JSON.stringify(order) });
  if (!response.ok) console.error(`order rejected with HTTP status ${response.status}`);
}

const orders = setInterval(
  () => {
    placeOrder().catch(error => console.error(`order failed: ${error.message}`));
  },
  1000 / Number(ORDERS_PER_SECOND),
);

console.log(`customers place ${ORDERS_PER_SECOND} orders a second at ${ORDERS_URL}`);
process.once('SIGTERM', () => clearInterval(orders));
