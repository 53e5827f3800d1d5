import { KafkaJsInstrumentation as Official } from '@opentelemetry/instrumentation-kafkajs';
import shimmer from 'shimmer';
import { evictOfficial, isOfficialWrapper } from '../../../../src/clients/kafkajs/official';
import type { Method, Methods } from '../../../../src/support/wrap';
import { config, freshKafkajs, producerConfig } from './kafka';

describe('the official instrumentation', () => {
  const official = new Official();
  const kafkajs = freshKafkajs();
  const bare = kafkajs.Kafka.prototype.producer.bind({});
  for (const definition of official.getModuleDefinitions()) definition.patch?.(kafkajs);
  const prototype = kafkajs.Kafka.prototype as unknown as Methods;
  const kafka = new kafkajs.Kafka(config);
  const producer = kafka.producer(producerConfig) as unknown as Methods;
  const consumer = kafka.consumer({ groupId: 'billing' }) as unknown as Methods;

  test.each<[string, Methods]>([
    ['send', producer],
    ['sendBatch', producer],
    ['transaction', producer],
    ['run', consumer],
    ['producer', prototype],
    ['consumer', prototype],
  ])('is recognised on %s() and removed', (name, owner) => {
    const wrapper = owner[name];
    const { __original: original } = wrapper as { __original?: unknown };
    expect(isOfficialWrapper(wrapper)).toBe(true);
    expect(evictOfficial(owner, name)).toBe(true);
    expect(owner[name]).toBe(original);
    expect(isOfficialWrapper(owner[name])).toBe(false);
    expect(evictOfficial(owner, name)).toBe(false);
  });

  test('is recognised in a minified bundle', () => {
    const e$ = { _getSendPatch: () => () => 'sent' };
    const bundled: Methods = { send: () => 'bare' };
    shimmer.wrap(bundled as Record<string, Method>, 'send', () => () => e$._getSendPatch()());
    expect(evictOfficial(bundled, 'send')).toBe(true);
    expect((bundled['send'] as Method)()).toBe('bare');
  });

  describe('and its copy in Sentry:', () => {
    const globals = globalThis as { __SENTRY__?: object };
    afterEach(() => {
      delete globals.__SENTRY__;
    });

    const patch = (): unknown => 'sent';
    const instrumentation$1 = { _getConsumerRunPatch: patch };
    const core = { startInactiveSpan: patch };
    const instrumentation = {
      _getConsumerRunPatch: patch,
      _getSendPatch: patch,
      _getConsumerEachMessagePatch: patch,
      startProducerSpan: patch,
    };
    const e = instrumentation;
    const copies: readonly (readonly [string, Method])[] = [
      ['consumer', () => instrumentation$1._getConsumerRunPatch()],
      ['consumer', () => instrumentation._getConsumerRunPatch()],
      ['consumer', () => e._getConsumerRunPatch()],
      ['run', () => instrumentation._getConsumerEachMessagePatch()],
      ['run', () => e._getConsumerEachMessagePatch()],
      ['transaction', () => [core.startInactiveSpan(), instrumentation._getSendPatch()]],
      ['send', () => instrumentation.startProducerSpan()],
    ];

    test.each(copies)('on %s(), the copy stays (%#)', (name, copy) => {
      globals.__SENTRY__ = {};
      const owner: Methods = { [name]: () => 'bare' };
      shimmer.wrap(owner as Record<string, Method>, name, () => copy);
      expect(evictOfficial(owner, name)).toBe(false);
      expect(owner[name]).toBe(copy);
    });

    test('the original is recognised beside the copy', () => {
      globals.__SENTRY__ = {};
      const fresh = freshKafkajs();
      for (const definition of official.getModuleDefinitions()) definition.patch?.(fresh);
      const patched = new fresh.Kafka(config);
      const clients: [unknown, readonly string[]][] = [
        [patched.producer(producerConfig), ['send', 'sendBatch', 'transaction']],
        [patched.consumer({ groupId: 'billing' }), ['run']],
        [fresh.Kafka.prototype, ['producer', 'consumer']],
      ];
      for (const [owner, names] of clients)
        for (const name of names) expect([name, evictOfficial(owner as Methods, name)]).toEqual([name, true]);
    });
  });

  test.each<[string, unknown]>([
    ["kafkajs's own methods", bare],
    ['methods that it does not wrap', producer['connect']],
    ['undefined', undefined],
    ['text', 'instrumentation._getSendPatch()'],
  ])('is not mistaken for %s', (_what, method) => {
    expect(isOfficialWrapper(method)).toBe(false);
  });

  test('is not mistaken for another wrapper, by shimmer or by hand', () => {
    const send = () => 'sent';
    const byShimmer = { send };
    shimmer.wrap(byShimmer, 'send', original => () => `outer ${original()}`);
    // The source contains a name of the official package, but lacks the mark of the package's wrappers.
    const instrumentation = { _getSendPatch: () => send };
    const byHand = { send: () => `outer ${instrumentation._getSendPatch()()}` };
    for (const owner of [byShimmer, byHand] as unknown as Methods[]) {
      const wrapper = owner['send'];
      expect(evictOfficial(owner, 'send')).toBe(false);
      expect(owner['send']).toBe(wrapper);
    }
  });
});
