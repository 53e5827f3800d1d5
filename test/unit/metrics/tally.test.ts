import { Tally } from '../../../src/telemetry/metrics/tally';

type Added = readonly [number, unknown];

/** What a drain adds to a counter. */
function drained(tally: Tally): Added[] {
  const added: Added[] = [];
  tally.drainInto({ add: (value, attributes) => void added.push([value, attributes]) });
  return added;
}

test('what is counted is added once, at the next drain', () => {
  const tally = new Tally({ topic: '_other' });
  const orders = tally.cell('orders', () => ({ topic: 'orders' }));
  orders.pending += 2;
  tally.cell('orders', () => ({ topic: 'never asked for' })).pending++;
  expect(drained(tally)).toEqual([[3, { topic: 'orders' }]]);
  expect(drained(tally)).toEqual([]);
  orders.pending++;
  expect(drained(tally)).toEqual([[1, { topic: 'orders' }]]);
});

test('the attributes are the same object every time, and are made once', () => {
  const tally = new Tally({});
  const made = jest.fn(() => ({ topic: 'orders' }));
  const seen = [1, 2].map(() => {
    tally.cell('orders', made).pending++;
    return drained(tally)[0]?.[1];
  });
  expect(seen[0]).toBe(seen[1]);
  expect(made).toHaveBeenCalledTimes(1);
});

test('2,000 series are kept apart, and nothing of the others is lost', () => {
  const tally = new Tally({ topic: '_other' });
  for (let topic = 0; topic < 5000; topic++)
    tally.cell(String(topic), () => ({ topic: String(topic) })).pending++;
  const added = drained(tally);
  expect(added).toHaveLength(2001);
  expect(added.at(-1)).toEqual([3000, { topic: '_other' }]);
});

test('a counter that fails for one series does not make the others count twice', () => {
  const tally = new Tally({});
  for (const topic of ['a', 'b']) tally.cell(topic, () => ({ topic })).pending++;
  const add = jest.fn(() => {
    throw new Error('no');
  });
  expect(() => {
    tally.drainInto({ add });
  }).toThrow('no');
  expect(drained(tally)).toEqual([[1, { topic: 'b' }]]);
});
