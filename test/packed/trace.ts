import assert from 'node:assert/strict';
import { processed, sent, whole, type WholeSpan } from '../e2e/loading/support/whole';
import type { Topic } from '../e2e/loading/support/topics';
import { startCollector } from '../support/collector';
import { otlpEnvironment } from '../support/program';
import { run } from './command';
import type { PackageManager, Project } from './managers';
import { withTopic } from './topic';

/** The spans of a program and its output on stderr. */
export interface Traced {
  readonly spans: readonly WholeSpan[];
  readonly stderr: string;
}

/**
 * Runs a program of the application with `register`, and checks its exit, its stderr and its spans.
 *
 * @param expected - returns the expected spans for the topic of the program
 */
export function runUnderRegister(
  manager: PackageManager,
  { folder, node }: Project,
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
          // Hide warnings of newer Node.js versions about negative timeouts in kafkajs, and warnings of Yarn's PnP
          // loader.
          NODE_NO_WARNINGS: '1',
          KAFKA_BROKERS: process.env['KAFKA_BROKERS'] ?? '',
          TOPIC: topic.name,
        },
      });
      assert.equal(code, 0, output);
      assert.match(stdout, /^RESULT \["hello"\]$/m);
      // Ignore spans of sockets, DNS and files. Spans of another kafkajs instrumentation would be an error.
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

/**
 * The program sends a message inside a span, and a consumer processes it. If all three spans are in one trace, all
 * packages use the same API package.
 */
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
