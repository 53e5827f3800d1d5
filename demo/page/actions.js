import { byId, write } from './element.js';
import { seconds } from './format.js';

const ORDERS = {
  one: {
    count: 1,
    card: 'accepted',
    doing: 'Placing an order …',
    done: 'Order placed. Its trace opens as it comes in.',
  },
  thousand: { count: 1000, card: 'accepted', doing: 'Placing 1,000 orders …', done: '1,000 orders placed' },
  failing: {
    count: 1,
    card: 'declined',
    doing: 'Placing an order with a declined card …',
    done: 'Failing order placed. It is delivered twice, then set aside.',
  },
};
const SPEEDS = {
  slow: 'Each payment takes 250 ms more, and 20 orders come in each second: the lag climbs.',
  full: 'Full speed: the lag drains.',
};

/**
 * The buttons.
 *
 * @param {(order: string) => void} placed is told the order whose trace is to be shown
 */
export function makeActions(placed) {
  const told = byId('told');

  const press = (id, path, wish, doing, done) => {
    const button = byId(id);
    button.addEventListener('click', () => {
      // It stays focusable while it works; a second click is ignored.
      if (button.ariaBusy === 'true') return;
      button.ariaBusy = 'true';
      write(told, doing);
      const began = performance.now();
      post(path, wish)
        .then(answer => {
          write(told, done((performance.now() - began) / 1000));
          if (answer.order !== undefined && wish.count === 1) placed(answer.order);
        })
        .catch(error => {
          write(told, `That did not work: ${error.message}`);
        })
        .finally(() => {
          button.ariaBusy = null;
        });
    });
  };

  for (const [id, { count, card, doing, done }] of Object.entries(ORDERS))
    press(id, 'orders', { count, card }, doing, took =>
      count === 1 ? done : `${done} in ${seconds(took)}.`,
    );
  for (const [id, done] of Object.entries(SPEEDS)) press(id, 'speed', { speed: id }, '…', () => done);

  return {
    /** Buttons work while there is someone to ask; the pressed one of the two speeds is the one that holds. */
    show({ phase, speed }, connected) {
      for (const id of [...Object.keys(ORDERS), ...Object.keys(SPEEDS)])
        byId(id).disabled = !(connected && phase === 'running');
      for (const id of Object.keys(SPEEDS)) byId(id).ariaPressed = String(id === speed);
    },
  };
}

async function post(path, wish) {
  const response = await fetch(path, { method: 'POST', body: JSON.stringify(wish) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}
