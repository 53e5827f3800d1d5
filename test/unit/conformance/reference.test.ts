import { documentedName, readReference } from '../../conformance/reference';

const page = `
| span     | kind     |
| -------- | -------- |
| \`send\` | PRODUCER |

| attribute | \`send\` | \`process\` | meaning |
| --------- | -------- | ----------- | ------- |
| \`a.one\` | •        |             | one     |
| \`a.two\` | ◦        | •           | two     |

| metric    | instrument | unit | attributes        | meaning |
| --------- | ---------- | ---- | ----------------- | ------- |
| \`m.lag\` | gauge      | \`s\` | \`a.one\` \`a.two\` | lag     |
`;

test('the reference is read from the two tables of the page', () => {
  const { spans, metrics } = readReference(page);
  expect([...spans]).toEqual([
    ['send', new Set(['a.one', 'a.two'])],
    ['process', new Set(['a.two'])],
  ]);
  expect([...metrics]).toEqual([
    ['m.lag', { instrument: 'gauge', unit: 's', attributes: new Set(['a.one', 'a.two']) }],
  ]);
});

test('the page calls attributes by their v1.44 names, and headers all alike', () => {
  expect(['kafka.offset', 'messaging.header.tenant', 'error.type'].map(documentedName)).toEqual([
    'messaging.kafka.offset',
    'messaging.header.{name}',
    'error.type',
  ]);
});
