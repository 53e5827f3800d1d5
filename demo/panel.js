// The panel of the demo on the page of the viewer. Its buttons place orders and slow down one of the services.
const ORDERS = {
  one: {
    text: 'Place one order',
    count: 1,
    card: 'accepted',
    doing: 'Placing an order …',
    done: 'Order placed. Its trace opens.',
  },
  thousand: {
    text: 'Place 1,000 orders',
    count: 1000,
    card: 'accepted',
    doing: 'Placing 1,000 orders …',
    done: '1,000 orders placed',
  },
  failing: {
    text: 'Place a failing order',
    count: 1,
    card: 'declined',
    doing: 'Placing an order with a declined card …',
    done: 'Failing order placed. Its message is delivered twice, then sent to the dead-letter topic.',
  },
};
const SPEEDS = {
  full: { text: 'Full speed', done: 'Full speed: the lag shrinks to 0.' },
  slow: {
    text: 'Slow: 250 ms more per payment',
    done: 'payment-worker needs 250 ms more per payment and gets 20 orders per second, so its lag grows.',
  },
};

/**
 * @param {HTMLElement} place
 * @param {{ openTraceOf(key: string): void }} page - opens the trace of a message by the message key, which is the id
 * of the order
 * @returns {{ show(state: object, connected: boolean): void }}
 */
export function makePanel(place, page) {
  const status = Object.assign(document.createElement('p'), { id: 'status' });
  status.setAttribute('role', 'status');
  const orders = buttonsOf(ORDERS, 'Orders');
  const speeds = buttonsOf(SPEEDS, 'Speed of payment-worker');
  orders.root.querySelector('#one').className = 'primary';
  speeds.root.classList.add('joined');
  const label = Object.assign(document.createElement('span'), {
    className: 'quiet',
    textContent: 'payment-worker',
  });
  speeds.root.prepend(label);
  place.append(orders.root, speeds.root, status);

  for (const [id, { count, card, doing, done }] of Object.entries(ORDERS)) {
    onClick(orders.get(id), 'orders', { count, card }, doing, (answer, seconds) => {
      if (count === 1) page.openTraceOf(answer.order);
      return count === 1 ? done : `${done} in ${seconds.toFixed(1)} s.`;
    });
  }
  for (const [id, { done }] of Object.entries(SPEEDS))
    onClick(speeds.get(id), 'speed', { speed: id }, '…', () => done);

  function onClick(button, path, body, doing, done) {
    button.addEventListener('click', () => {
      // Ignore clicks while a request runs. A disabled button would lose the keyboard focus.
      if (button.ariaBusy === 'true') return;
      button.ariaBusy = 'true';
      status.textContent = doing;
      const startedAt = performance.now();
      post(path, body)
        .then(answer => {
          status.textContent = done(answer, (performance.now() - startedAt) / 1000);
        })
        .catch(error => {
          status.textContent = `Request failed: ${error.message}`;
        })
        .finally(() => {
          button.ariaBusy = null;
        });
    });
  }

  return {
    /** Enables the buttons while the demo runs and the page is connected. Marks the current speed. */
    show({ phase, panelState }, connected) {
      for (const button of place.querySelectorAll('button'))
        button.disabled = !(connected && phase === 'running');
      for (const id of Object.keys(SPEEDS)) speeds.get(id).ariaPressed = String(id === panelState?.speed);
    },
  };
}

function buttonsOf(kinds, label) {
  const root = document.createElement('div');
  root.setAttribute('role', 'group');
  root.ariaLabel = label;
  const buttons = new Map();
  for (const [id, { text }] of Object.entries(kinds)) {
    const button = Object.assign(document.createElement('button'), {
      id,
      type: 'button',
      textContent: text,
      disabled: true,
    });
    buttons.set(id, button);
    root.append(button);
  }
  return { root, get: id => buttons.get(id) };
}

async function post(path, body) {
  const response = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}
