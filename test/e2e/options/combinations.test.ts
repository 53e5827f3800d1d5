import { comparableSpans, type ComparableSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { clusterAttributes } from '../flow/attributes';
import { forEachClient } from '../flow/client';
import { run, valuesBy, type Run } from './run';
import { VOCABULARIES, attributesOf, label, linkTo, type Facts, type Location } from './vocabularies';

const PREFIX = 'OTEL_INSTRUMENTATION_KAFKA_';

/** Parent and links of a span. `create 0 at 0` is a link with the key and the offset of its message. */
interface Place {
  readonly parent?: string;
  readonly links?: readonly string[];
}

/** Expected spans of a call, and the span whose context the messages carry. */
const PRODUCING = {
  call: {
    kind: 'PRODUCER',
    links: [],
    creates: [],
    producers: ['send', 'send'],
  },
  message: {
    kind: 'CLIENT',
    links: ['create 0', 'create 1'],
    creates: ['create 0', 'create 1'],
    producers: ['create 0', 'create 1'],
  },
} as const;
type ProducerSpans = keyof typeof PRODUCING;

const CONTEXTS = ['parent-and-link', 'parent', 'link'] as const;
type ConsumerContext = (typeof CONTEXTS)[number];

/** How consumer spans must be connected with the producers of their messages. */
const CONSUMING: Readonly<
  Record<
    ConsumerContext,
    {
      readonly message: (producer: string) => Place;
      readonly batch: Readonly<Record<ProducerSpans, Place>>;
      readonly inBatch: (producer: string) => Place;
    }
  >
> = {
  'parent-and-link': {
    message: producer => ({ parent: producer, links: [producer] }),
    batch: {
      call: { parent: 'send', links: ['send'] },
      message: { links: ['create 0 at 0', 'create 1 at 1'] },
    },
    inBatch: producer => ({ parent: producer, links: [producer, 'batch'] }),
  },
  parent: {
    message: producer => ({ parent: producer }),
    batch: {
      call: { parent: 'send' },
      message: { links: ['create 0 at 0', 'create 1 at 1'] },
    },
    inBatch: producer => ({ parent: producer, links: ['batch'] }),
  },
  link: {
    message: producer => ({ links: [producer] }),
    batch: {
      call: { links: ['send'] },
      message: { links: ['create 0 at 0', 'create 1 at 1'] },
    },
    inBatch: producer => ({ parent: 'batch', links: [producer] }),
  },
};

/** The rules of the option match the roles, which are a part of the topic names. */
const ROLES: Readonly<Record<ConsumerContext, 'both' | 'parent' | 'link'>> = {
  'parent-and-link': 'both',
  parent: 'parent',
  link: 'link',
};

const combinations = (Object.keys(VOCABULARIES) as (keyof typeof VOCABULARIES)[]).flatMap(vocabulary =>
  (['call', 'message'] as const).map(producerSpans => [vocabulary, producerSpans] as const),
);

/**
 * The combination with the most attributes and spans. Confluent's client is tested only with this combination, because
 * it shares the code with kafkajs.
 */
const RICHEST = [['1.44+1.45', 'message']] as const;

forEachClient(client => {
  describe.each(client.name === 'kafkajs' ? combinations : RICHEST)(
    'vocabulary %s, producerSpans %s',
    (version, producerSpans) => {
      const vocabulary = VOCABULARIES[version];
      const producing = PRODUCING[producerSpans];
      let topics: Record<'both' | 'parent' | 'link', string>;
      let program: Run;
      let spans: Record<string, ComparableSpan>;
      let location: Location;

      beforeAll(async () => {
        topics = await createTopics({ both: 1, parent: 1, link: 1 });
        const { cluster, leader } = await clusterAttributes(topics.both, client);
        location = { cluster: cluster['messaging.kafka.cluster.id'], leader };
        program = await run('combination.cjs', {
          client,
          topics,
          env: {
            ...vocabulary.env,
            [`${PREFIX}PRODUCER_SPANS`]: producerSpans,
            [`${PREFIX}CONSUMER_CONTEXT`]: 'parent-and-link,parent-*=parent,link-*=link',
          },
        });
        spans = comparableSpans(program.spans, { label: span => label(span, vocabulary) });
      }, 120_000);

      describe.each(CONTEXTS)('consumerContext %s', context => {
        const role = ROLES[context];
        const expected = (): Record<string, ComparableSpan> => {
          const topic = topics[role];
          const group = topics.both;
          const own = (name: string) => `${role} ${name}`;
          const span = (operation: string, kind: string, place: Place, facts: Facts): ComparableSpan => ({
            name: `${operation} ${topic}`,
            kind,
            parent: place.parent === undefined ? undefined : own(place.parent),
            links: (place.links ?? []).map(to => linkTo(to, own, vocabulary)),
            attributes: attributesOf(vocabulary, { operation, topic, ...facts }, location),
            events: [],
            status: { code: 'UNSET', message: '' },
          });
          const entries: [string, ComparableSpan][] = [
            [
              'send',
              {
                ...span('send', producing.kind, { links: producing.links }, { partition: 0, count: 2 }),
                parent: `request ${role}`,
              },
            ],
            ...producing.creates.map((name, key): [string, ComparableSpan] => [
              name,
              { ...span('create', 'PRODUCER', {}, { key: String(key) }), parent: `request ${role}` },
            ]),
            [
              'batch',
              span('process', 'CONSUMER', CONSUMING[context].batch[producerSpans], {
                partition: 0,
                count: 2,
                group: `${group}-batch`,
              }),
            ],
            ...producing.producers.flatMap((producer, offset): [string, ComparableSpan][] => {
              const facts = { partition: 0, offset, key: String(offset) };
              const { message, inBatch } = CONSUMING[context];
              return [
                [`message ${offset}`, span('process', 'CONSUMER', message(producer), { ...facts, group })],
                [
                  `in batch ${offset}`,
                  span('process', 'CONSUMER', inBatch(producer), { ...facts, group: `${group}-batch` }),
                ],
              ];
            }),
          ];
          return Object.fromEntries(entries.map(([name, made]) => [own(name), made]));
        };

        test('has exactly the expected spans', () => {
          const own = Object.entries(spans).filter(([name]) => name.startsWith(`${role} `));
          expect(Object.fromEntries(own)).toEqual(expected());
        });
      });

      test.each([
        ['messaging.client.sent.messages', 6],
        ['messaging.client.consumed.messages', 12],
        ['messaging.process.duration', 9],
        ['messaging.client.operation.duration', 3],
      ])('metrics use the same vocabulary: %s', (metric, total) => {
        for (const name of ['messaging.system', 'messaging.system.name']) {
          const isSpoken = (vocabulary.system as readonly string[]).includes(name);
          expect(valuesBy(program, metric, name)).toEqual({ [isSpoken ? 'kafka' : 'none']: total });
        }
      });
    },
  );
});
