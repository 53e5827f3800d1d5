// What the same telemetry costs at least: the spans, headers and metrics of the instrumentation, written by hand for this one program, with
// no options, no guards and no state. It is the yardstick, so it is not tuned.
const { ROOT_CONTEXT, SpanKind, context, metrics, propagation, trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('floor');
const meter = metrics.getMeter('floor');
const seconds = name => meter.createHistogram(name, { unit: 's' });
const getter = { keys: Object.keys, get: (headers, key) => headers[key]?.toString() };

/** `send` with one span a call, whose context goes into each message. */
function floorSend(producer, clientId, clusterId) {
  const durations = seconds('messaging.client.operation.duration');
  const sent = meter.createCounter('messaging.client.sent.messages');
  const recorded = { 'messaging.operation.name': 'send', 'messaging.operation.type': 'send' };
  return async record => {
    const { topic, messages } = record;
    const started = performance.now();
    const span = tracer.startSpan(`send ${topic}`, {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': topic,
        'messaging.client.id': clientId,
        'messaging.kafka.cluster.id': clusterId,
        ...(messages.length === 1
          ? { 'messaging.kafka.message.key': messages[0].key }
          : { 'messaging.batch.message_count': messages.length }),
      },
    });
    const headers = {};
    propagation.inject(trace.setSpan(context.active(), span), headers);
    try {
      const result = await producer.send({
        ...record,
        messages: messages.map(message => ({ ...message, headers: { ...message.headers, ...headers } })),
      });
      if (messages.length === 1) {
        const [{ partition, baseOffset }] = result;
        span.setAttribute('messaging.destination.partition.id', String(partition));
        span.setAttribute('messaging.kafka.partition', partition);
        span.setAttribute('messaging.kafka.offset', Number(baseOffset));
      }
      return result;
    } finally {
      span.end();
      const attributes = { 'messaging.system': 'kafka', 'messaging.destination.name': topic, ...recorded };
      durations.record((performance.now() - started) / 1000, attributes);
      sent.add(messages.length, attributes);
    }
  };
}

/** Around a handler: its span, and the two histograms and the counter that every run feeds. */
function aroundHandler(groupId) {
  const durations = seconds('messaging.process.duration');
  const waits = seconds('kafka.message.queue_time');
  const consumed = meter.createCounter('messaging.client.consumed.messages');
  return async (span, { topic, count, oldest, parent }, handle) => {
    const attributes = {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.destination.name': topic,
      'messaging.consumer.group.name': groupId,
    };
    const started = performance.now();
    consumed.add(count, attributes);
    waits.record((Date.now() - oldest) / 1000, attributes);
    try {
      return await context.with(trace.setSpan(parent, span), handle);
    } finally {
      span.end();
      durations.record((performance.now() - started) / 1000, attributes);
    }
  };
}

/** What a consumer's span says, whatever it is about. */
const processAttributes = (topic, partition, { groupId, clientId, clusterId, leader }) => ({
  'messaging.system': 'kafka',
  'messaging.operation.name': 'process',
  'messaging.operation.type': 'process',
  'messaging.destination.name': topic,
  'messaging.destination.partition.id': String(partition),
  'messaging.kafka.partition': partition,
  'messaging.consumer.group.name': groupId,
  'messaging.client.id': clientId,
  'messaging.kafka.cluster.id': clusterId,
  'server.address': leader.host,
  'server.port': leader.port,
});

function floorEachMessage(handler, client) {
  const run = aroundHandler(client.groupId);
  return payload => {
    const { topic, partition, message } = payload;
    const parent = propagation.extract(ROOT_CONTEXT, message.headers, getter);
    const producer = trace.getSpanContext(parent);
    const attributes = processAttributes(topic, partition, client);
    attributes['messaging.kafka.offset'] = Number(message.offset);
    attributes['messaging.kafka.message.key'] = message.key.toString();
    const span = tracer.startSpan(
      `process ${topic}`,
      { kind: SpanKind.CONSUMER, attributes, links: producer ? [{ context: producer }] : [] },
      parent,
    );
    return run(span, { topic, count: 1, oldest: Number(message.timestamp), parent }, () => handler(payload));
  };
}

/** As many links as a span takes. */
const MAX_LINKS = 128;

function floorEachBatch(handler, client) {
  const run = aroundHandler(client.groupId);
  return payload => {
    const { topic, partition, messages } = payload.batch;
    const producers = new Map();
    for (const message of messages) {
      if (producers.size === MAX_LINKS) break;
      const header = message.headers.traceparent?.toString();
      if (header === undefined || producers.has(header)) continue;
      producers.set(header, {
        context: trace.getSpanContext(propagation.extract(ROOT_CONTEXT, message.headers, getter)),
        attributes: {
          'messaging.kafka.offset': Number(message.offset),
          'messaging.kafka.message.key': message.key.toString(),
        },
      });
    }
    const attributes = processAttributes(topic, partition, client);
    attributes['messaging.batch.message_count'] = messages.length;
    const span = tracer.startSpan(
      `process ${topic}`,
      { kind: SpanKind.CONSUMER, attributes, links: [...producers.values()] },
      ROOT_CONTEXT,
    );
    const oldest = Number(messages[0].timestamp);
    return run(span, { topic, count: messages.length, oldest, parent: ROOT_CONTEXT }, () => handler(payload));
  };
}

module.exports = { floorSend, floorEachMessage, floorEachBatch };
