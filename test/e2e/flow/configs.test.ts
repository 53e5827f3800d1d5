import type { ReceivedSpan } from '../../support/otlp';
import { expectSpans, type ExpectedSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type Expected } from './attributes';
import { run, type Run } from './run';
import { describeLargeBatches, forEachClient } from './client';

forEachClient(client => {
  let topics: Record<'configs', string>;
  let traced: Run;
  let bare: Run;
  // Confluent's client reads only own properties.
  const INHERITING = client.name === 'kafkajs' ? ['getters', 'inherited'] : [];
  const FORMS = ['plain', 'frozen', 'instance', 'getter', ...INHERITING, 'proxy', 'batch'];

  beforeAll(async () => {
    topics = await createTopics({ configs: 1 });
    traced = await run('configs.cjs', { client, topics });
    bare = await run('configs.cjs', { client, topics: await createTopics({ configs: 1 }), bare: true });
  }, 120_000);

  test.each(FORMS)('a run config works as without instrumentation and is not changed: %s', form => {
    expect(traced.reported[form]).toMatchObject({ unchanged: true });
    expect(traced.reported[form]).toEqual(bare.reported[form]);
    expect(traced.reported['refused']).toEqual([]);
  });

  const testDeliveries = (forms: readonly string[]) => {
    test.each(forms)(
      'each delivery has one span, also if two consumers share a run config: %s',
      async form => {
        const { configs } = topics;
        const groups = [`${configs}-${form}`, `${configs}-${form}-again`];
        const expected: Record<string, ExpectedSpan> = {};
        for (const group of groups) {
          const attributes = await expectedAttributes(configs, () => group, client);
          const span = (facts: Expected): ExpectedSpan => ({
            name: `process ${configs}`,
            kind: 'CONSUMER',
            parent: 'send',
            links: [{ to: 'send' }],
            attributes: attributes('process', configs, { partition: 0, ...facts }),
          });
          if (form === 'batch') expected[`${group} batch`] = span({ count: 3 });
          else for (const offset of [0, 1, 2]) expected[`${group} ${offset}`] = span({ offset });
        }
        const sent = traced.spans.find(({ name }) => name === `send ${configs}`);
        const groupOf = ({ attributes }: ReceivedSpan) =>
          attributes['messaging.consumer.group.name'] as string;
        const chosen = traced.spans.filter(span => groups.includes(groupOf(span)));
        expectSpans(chosen, {
          label: span =>
            `${groupOf(span)} ${(span.attributes['messaging.kafka.offset'] as number | undefined) ?? 'batch'}`,
          known: { [`${sent?.traceId ?? ''}-${sent?.spanId ?? ''}`]: 'send' },
        }).toEqual(expected);
      },
    );
  };
  testDeliveries(FORMS.filter(form => form !== 'batch'));
  describeLargeBatches(client, () => {
    testDeliveries(['batch']);
  });
});
