import { projectRoot } from '../../support/program';
import { run } from '../loading/support/run';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';

test('each invalid value and unknown variable is logged once with the allowed values, and the default applies', async () => {
  const { values } = await createTopics(['values']);
  const ran = await run({
    file: `${projectRoot}/fixtures/invalid-input/values.cjs`,
    env: {
      TOPIC: values.name,
      OTEL_INSTRUMENTATION_KAFKA_PRODUCER_SPANS: 'all',
      OTEL_INSTRUMENTATION_KAFKA_CONSUMER_CONTEXT: 'link,ticks-*=perhaps',
      OTEL_INSTRUMENTATION_KAFKA_CAPTURE_ERROR_MESSAGES: 'maybe',
      OTEL_INSTRUMENTATION_KAFKA_PRODUCER_SPAN: 'call',
    },
  });
  expect(ran.results).toEqual([['hello']]);
  expect(ran.spans).toEqual([sent(values), processed(values)]);
  const named = [
    [/PRODUCER_SPAN\b(?!S).*is not a variable/, /PRODUCER_SPANS/],
    [/option somethingElse does not exist/, /docs\/configuration\.md/],
    [/option producerSpans is "every"/, /call, message/],
    [/_PRODUCER_SPANS is "all"/, /call, message/],
    [/option consumerContext is object/, /parent-and-link, parent, link/],
    [/_CONSUMER_CONTEXT is "link,ticks-\*=perhaps"/, /parent-and-link, parent, link/],
    [/option propagation is bigint/, /true, inject, extract, false/],
    [/option existingContext is null/, /auto, keep, replace/],
    [/option captureKey is a symbol/, /true or false/],
    [/_CAPTURE_ERROR_MESSAGES is "maybe"/, /true or false/],
    [/option producerHook is "console.log"/, /a function/],
  ] as const;
  for (const [what, allowed] of named) {
    const lines = ran.logged.filter(line => what.test(line));
    expect({ what, lines }).toEqual({ what, lines: [expect.stringMatching(allowed)] });
  }
  expect(ran.logged).toHaveLength(named.length);
});
