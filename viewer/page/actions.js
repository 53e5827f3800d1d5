import { byId, write } from './element.js';
import { seconds } from './format.js';

const ORDERS = {
  one: {
    count: 1,
    card: 'accepted',
    doing: 'Placing an order …',
    done: 'Order placed. Its trace opens when the first spans arrive.',
  },
  thousand: { count: 1000, card: 'accepted', doing: 'Placing 1,000 orders …', done: '1,000 orders placed' },
  failing: {
    count: 1,
    card: 'declined',
    doing: 'Placing an order with a declined card …',
    done: 'Failing order placed. Its message is delivered twice, then sent to the dead-letter topic.',
  },
};
const SPEEDS = {
  slow: 'Each payment takes 250 ms longer and 20 orders arrive per second, so the lag grows.',
  full: 'Full speed: the lag shrinks to 0.',
};

/**
 * Connects the buttons of the page to the server.
 *
 * @param {(order: string) => void} placed - called with the id of a placed order, if the button places a single one
 */
export function makeActions(placed) {
  const status = byId('status');

  const connect = (id, path, body, doing, done) => {
    const button = byId(id);
    button.addEventListener('click', () => {
      // Ignore clicks while a request runs. A disabled button would lose the keyboard focus.
      if (button.ariaBusy === 'true') return;
      button.ariaBusy = 'true';
      write(status, doing);
      const startedAt = performance.now();
      post(path, body)
        .then(answer => {
          write(status, done((performance.now() - startedAt) / 1000));
          if (answer.order !== undefined && body.count === 1) placed(answer.order);
        })
        .catch(error => {
          write(status, `Request failed: ${error.message}`);
        })
        .finally(() => {
          button.ariaBusy = null;
        });
    });
  };

  for (const [id, { count, card, doing, done }] of Object.entries(ORDERS))
    connect(id, 'orders', { count, card }, doing, took =>
      count === 1 ? done : `${done} in ${seconds(took)}.`,
    );
  for (const [id, done] of Object.entries(SPEEDS)) connect(id, 'speed', { speed: id }, '…', () => done);

  return {
    /** Enables the buttons while the demo runs and the page is connected. Marks the current speed. */
    show({ phase, speed }, connected) {
      for (const id of [...Object.keys(ORDERS), ...Object.keys(SPEEDS)])
        byId(id).disabled = !(connected && phase === 'running');
      for (const id of Object.keys(SPEEDS)) byId(id).ariaPressed = String(id === speed);
    },
  };
}

async function post(path, body) {
  const response = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}
