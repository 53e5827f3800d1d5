import { documentedName, readReference } from '../../conformance/reference';

const spansPage = `
| span                       | kind                |
| -------------------------- | ------------------- |
| \`send {topic}\`, \`send\` | PRODUCER, or CLIENT |

| attribute | \`send\` | \`process\` | meaning |
| --------- | -------- | ----------- | ------- |
| \`a.one\` | •        |             | one     |
| \`a.two\` | ◦        | •           | two     |

| attribute of a link | meaning |
| ------------------- | ------- |
| \`a.link\`           | one     |

| event     | attributes        |
| --------- | ----------------- |
| \`failed\` | \`a.one\` \`a.two\` |
`;

const metricsPage = `
| metric    | instrument | unit | attributes        | meaning |
| --------- | ---------- | ---- | ----------------- | ------- |
| \`m.lag\` | gauge      | \`s\` | \`a.one\` \`a.two\` | lag     |
`;

test('the reference is read from the tables of the pages', () => {
  const { kinds, spans, linkAttributes, events, metrics } = readReference(spansPage, metricsPage);
  const either = new Set(['PRODUCER', 'CLIENT']);
  expect([...kinds]).toEqual([
    ['send {topic}', either],
    ['send', either],
  ]);
  expect(linkAttributes).toEqual(new Set(['a.link']));
  expect([...events]).toEqual([['failed', new Set(['a.one', 'a.two'])]]);
  expect([...spans]).toEqual([
    ['send', new Set(['a.one', 'a.two'])],
    ['process', new Set(['a.two'])],
  ]);
  expect([...metrics]).toEqual([
    ['m.lag', { instrument: 'gauge', unit: 's', attributes: new Set(['a.one', 'a.two']) }],
  ]);
});

test('attributes get their v1.44 names, and all captured headers the same one', () => {
  expect(
    [
      'kafka.offset',
      'messaging.client_id',
      'messaging.operation',
      'messaging.header.tenant',
      'error.type',
    ].map(documentedName),
  ).toEqual([
    'messaging.kafka.offset',
    'messaging.client.id',
    'messaging.operation.name',
    'messaging.header.{name}',
    'error.type',
  ]);
});
