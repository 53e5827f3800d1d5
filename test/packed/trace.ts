import assert from 'node:assert/strict';
import { processed, sent, whole, type WholeSpan } from '../e2e/loading/support/whole';
import type { Topic } from '../e2e/loading/support/topics';
import { startCollector } from '../support/collector';
import { otlpEnvironment } from '../support/program';
import { run } from './command';
import type { PackageManager, Place } from './managers';
import { withTopic } from './topic';

/** What a program has exported and said. */
export interface Traced {
  readonly spans: readonly WholeSpan[];
  readonly stderr: string;
}

/**
 * Runs the program's file under `register`, and sees that it did its work.
 *
 * @param expected - what the spans are to be, by the topic that the program was given
 */
export function runUnderRegister(
  manager: PackageManager,
  { folder, node }: Place,
  file: string,
  expected: (topic: Topic) => readonly WholeSpan[],
): Promise<Traced> {
  return withTopic(async topic => {
    const collector = await startCollector();
    try {
      const { code, stdout, stderr, output } = await run({
        node,
        file,
        execArgv: [...manager.execArgv(folder), '--require', '@org/kafka-otel/register'],
        cwd: folder,
        env: {
          ...otlpEnvironment(collector),
          // kafkajs sets timers of negative length, which newer Node.js mentions; PnP and the loader have warnings of their own.
          NODE_NO_WARNINGS: '1',
          KAFKA_BROKERS: process.env['KAFKA_BROKERS'] ?? '',
          TOPIC: topic.name,
        },
      });
      assert.equal(code, 0, output);
      assert.match(stdout, /^RESULT \["hello"\]$/m);
      // Sockets and lookups are of no interest here; another instrumentation of kafkajs would be.
      const spans = whole(collector.spans).filter(
        ({ scope }) => !/instrumentation-(net|dns|fs)$/.test(scope),
      );
      assert.deepEqual(spans, expected(topic), output);
      return { spans, stderr };
    } finally {
      await collector.close();
    }
  });
}

/** A span of the program's own, the send in it, and the handler that goes on with that trace: one API for all of them. */
export function oneTrace(topic: Topic): WholeSpan[] {
  const order: WholeSpan = {
    name: 'order',
    kind: 'INTERNAL',
    scope: 'program',
    parent: undefined,
    links: [],
    attributes: {},
    status: { code: 'UNSET', message: '' },
    events: [],
  };
  return [order, { ...sent(topic), parent: 'order' }, processed(topic)];
}
