// Instrumentation written by hand for one program. Results call it `floor`, because it shows the lowest possible cost.
// It creates the same spans, links, attributes and metrics as this package, but knows only one topic, has no options
// and validates nothing. Do not optimize this file: improve the package instead.
const { load } = require('./sample/modules.cjs');
const { ROOT_CONTEXT, SpanKind, context, metrics, propagation, trace } = load('@opentelemetry/api');

const MAX_LINKS = 128;
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const QUEUE_TIMES = [...DURATIONS, 30, 60, 120, 300, 600, 1800, 3600];
/**
 * In milliseconds. `eachMessage` does not record a queue time if the last recorded one is more recent than this and
 * differs by less than this.
 */
const QUEUE_TIME_INTERVAL = 10;

const getter = {
  keys: headers => Object.keys(headers),
  get: (headers, key) => headers[key]?.toString(),
};
const setter = {
  set: (headers, key, value) => {
    headers[key] = value;
  },
};

/**
 * @param facts - known values: `topic`, `group`, `clientId`, `clusterId`, and `host` and `port` of the broker that
 * leads every partition. With Confluent's client, the last three are undefined
 */
function createFloor({ topic, group, clientId, clusterId, host, port }) {
  const tracer = trace.getTracer('floor');
  const instruments = createInstruments(topic, group);

  /**
   * Wraps `producer.send()` for messages without headers. Copies the messages, because instrumentation must not change
   * objects of the program.
   */
  function wrapSend(send) {
    return async ({ messages, ...rest }) => {
      const started = performance.now();
      const attributes = {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': topic,
        'messaging.client.id': clientId,
        'messaging.kafka.cluster.id': clusterId,
      };
      if (messages.length === 1) attributes['messaging.kafka.message.key'] = messages[0].key;
      else attributes['messaging.batch.message_count'] = messages.length;
      const active = context.active();
      const span = tracer.startSpan(`send ${topic}`, { kind: SpanKind.PRODUCER, attributes }, active);
      const carrier = {};
      propagation.inject(trace.setSpan(active, span), carrier, setter);
      const carried = messages.map(message => ({ ...message, headers: { ...carrier } }));
      const result = await send({ ...rest, messages: carried });
      if (span.isRecording()) {
        // Set the partition only if all messages went to the same partition.
        if (result.length === 1) {
          const [{ partition, baseOffset }] = result;
          span.setAttributes({
            'messaging.destination.partition.id': String(partition),
            'messaging.kafka.partition': partition,
            'server.address': host,
            'server.port': port,
          });
          if (messages.length === 1) span.setAttribute('messaging.kafka.offset', Number(baseOffset));
        }
      }
      span.end();
      instruments.sent += messages.length;
      instruments.operation.record((performance.now() - started) / 1000, instruments.ofSend);
      return result;
    };
  }

  const processing = partition => ({
    'messaging.system': 'kafka',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
    'messaging.kafka.partition': partition,
    'messaging.consumer.group.name': group,
    'messaging.client.id': clientId,
    'messaging.kafka.cluster.id': clusterId,
    'server.address': host,
    'server.port': port,
  });

  async function within(span, parent, handler, payload) {
    const started = performance.now();
    await context.with(trace.setSpan(parent, span), handler, undefined, payload);
    span.end();
    instruments.process.record((performance.now() - started) / 1000, instruments.ofProcess);
  }

  let queuedAt = 0;
  let lastWaited = 0;
  const queued = (timestamp, isBatch) => {
    const now = Date.now();
    const waited = now - timestamp;
    const isRepeated =
      now - queuedAt < QUEUE_TIME_INTERVAL && Math.abs(waited - lastWaited) < QUEUE_TIME_INTERVAL;
    if (isRepeated && !isBatch) return;
    queuedAt = now;
    lastWaited = waited;
    instruments.queue.record(waited / 1000, instruments.ofQueue);
  };

  function wrapEachMessage(handler) {
    return payload => {
      const { partition, message } = payload;
      const parent = propagation.extract(ROOT_CONTEXT, message.headers, getter);
      const producer = trace.getSpanContext(parent);
      const attributes = processing(partition);
      attributes['messaging.kafka.offset'] = Number(message.offset);
      attributes['messaging.kafka.message.key'] = message.key.toString();
      const span = tracer.startSpan(
        `process ${topic}`,
        { kind: SpanKind.CONSUMER, attributes, links: producer ? [{ context: producer }] : [] },
        parent,
      );
      instruments.consumed++;
      queued(Number(message.timestamp), false);
      return within(span, parent, handler, payload);
    };
  }

  function wrapEachBatch(handler) {
    return payload => {
      const { partition, messages } = payload.batch;
      const { parent, links } = producersOf(messages);
      const attributes = processing(partition);
      attributes['messaging.batch.message_count'] = messages.length;
      const span = tracer.startSpan(
        `process ${topic}`,
        { kind: SpanKind.CONSUMER, attributes, links },
        parent,
      );
      instruments.consumed += messages.length;
      let oldest = messages[0].timestamp;
      for (const { timestamp } of messages) if (timestamp < oldest) oldest = timestamp;
      queued(Number(oldest), true);
      return within(span, parent, handler, payload);
    };
  }

  return { wrapSend, wrapEachMessage, wrapEachBatch };
}

/**
 * Returns links to at most `MAX_LINKS` different producers. If there is only one producer, it also becomes the parent.
 * The search may stop at the limit, because in the benchmarks either all producers are sampled or none. After such a
 * stop, the links have no message attributes, because later messages may have the same producers.
 */
function producersOf(messages) {
  const found = new Map();
  let isTruncated = false;
  for (const message of messages) {
    if (found.size === MAX_LINKS) {
      isTruncated = true;
      break;
    }
    const header = message.headers.traceparent.toString();
    const known = found.get(header);
    if (known) known.only = undefined;
    else found.set(header, { first: message, only: message });
  }
  if (found.size === 1) {
    const parent = propagation.extract(ROOT_CONTEXT, messages[0].headers, getter);
    return { parent, links: linksOf(parent, found.values().next().value.only) };
  }
  const links = [];
  for (const { first, only } of found.values()) {
    links.push(
      ...linksOf(propagation.extract(ROOT_CONTEXT, first.headers, getter), isTruncated ? undefined : only),
    );
  }
  return { parent: ROOT_CONTEXT, links };
}

function linksOf(extracted, only) {
  const producer = trace.getSpanContext(extracted);
  if (!producer) return [];
  if (!only) return [{ context: producer }];
  const attributes = {
    'messaging.kafka.offset': Number(only.offset),
    'messaging.kafka.message.key': only.key.toString(),
  };
  return [{ context: producer, attributes }];
}

/**
 * Counts messages in plain fields and reports the counts when metrics are collected. Adding to an SDK counter costs
 * more than starting a span.
 */
function createInstruments(topic, group) {
  const meter = metrics.getMeter('floor');
  const seconds = (name, explicitBucketBoundaries) =>
    meter.createHistogram(name, { unit: 's', advice: { explicitBucketBoundaries } });
  const sent = meter.createObservableCounter('messaging.client.sent.messages', { unit: '{message}' });
  const consumed = meter.createObservableCounter('messaging.client.consumed.messages', { unit: '{message}' });
  const common = { 'messaging.system': 'kafka', 'messaging.destination.name': topic };
  const ofGroup = { ...common, 'messaging.consumer.group.name': group };
  const instruments = {
    sent: 0,
    consumed: 0,
    operation: seconds('messaging.client.operation.duration', DURATIONS),
    process: seconds('messaging.process.duration', DURATIONS),
    queue: seconds('kafka.message.queue_time', QUEUE_TIMES),
    ofSend: { ...common, 'messaging.operation.name': 'send', 'messaging.operation.type': 'send' },
    ofProcess: { ...ofGroup, 'messaging.operation.name': 'process' },
    ofQueue: { ...ofGroup, 'messaging.operation.name': 'process' },
  };
  sent.addCallback(result => {
    result.observe(instruments.sent, { ...common, 'messaging.operation.name': 'send' });
  });
  consumed.addCallback(result => {
    result.observe(instruments.consumed, instruments.ofProcess);
  });
  return instruments;
}

module.exports = { createFloor };
