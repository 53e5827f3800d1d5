// Places orders over and over, some with a card that is declined.
const { ORDERS_URL = 'http://localhost:3000/orders', ORDERS_PER_SECOND = '5' } = process.env;

const ITEMS = ['book', 'lamp', 'chair', 'table', 'cup'];
const DECLINED = 0.02;

const anyOf = list => list[Math.floor(Math.random() * list.length)];

async function order() {
  const wish = {
    item: anyOf(ITEMS),
    amount: 1 + Math.floor(Math.random() * 200),
    card: Math.random() < DECLINED ? 'declined' : 'accepted',
  };
  const response = await fetch(ORDERS_URL, { method: 'POST', body: JSON.stringify(wish) });
  if (!response.ok) console.error(`an order was answered with ${response.status}`);
}

const orders = setInterval(
  () => {
    order().catch(error => console.error(`an order was not placed: ${error.message}`));
  },
  1000 / Number(ORDERS_PER_SECOND),
);

console.log(`customers place ${ORDERS_PER_SECOND} orders a second at ${ORDERS_URL}`);
process.once('SIGTERM', () => clearInterval(orders));
