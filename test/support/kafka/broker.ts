import { writeFileSync } from 'node:fs';
import type { Guarded } from './guard';
import { createProcessFolder, runMain, type Jvm } from './jvm';
import { NotReady, readLog, untilReady } from './log';
import { brokerProperties, type NodeSettings } from './properties';

export interface Broker {
  /**
   * Starts or restarts the broker. A restarted broker keeps its data and port. Resolves when the broker accepts
   * clients.
   */
  start(): Promise<void>;
  /** Sends a signal. Waits until the process has exited, except after SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Matches the log line of a broker that accepts clients. With KRaft: `[KafkaRaftServer nodeId=1] Kafka Server started`.
 * With ZooKeeper: `[KafkaServer id=1] started`.
 */
const STARTED = /Kafka Server started|\[KafkaServer id=\d+\] started/;
const READY_WITHIN = 90_000;

/** Does not start the broker. The first start formats the data folder. */
export function createBroker(jvm: Jvm, settings: Omit<NodeSettings, 'data'>, clusterId: string): Broker {
  const name = `Apache Kafka ${settings.version}`;
  const files = createProcessFolder(jvm.root, `broker-${settings.id}`, data =>
    brokerProperties({ ...settings, data }),
  );
  let process: Guarded | undefined;
  let formatted = settings.cluster.mode === 'zookeeper';

  return {
    async start() {
      if (!formatted) {
        process = runMain(jvm, files, [
          'kafka.tools.StorageTool',
          'format',
          '-t',
          clusterId,
          '-c',
          files.properties,
        ]);
        const status = await process.exited;
        if (status !== 0) throw new NotReady(`${name} failed to format its data folder`, readLog(files.log));
        formatted = true;
      }
      // Clear the log, so that a restart does not find the ready line of the previous start.
      writeFileSync(files.log, '');
      process = runMain(jvm, files, ['kafka.Kafka', files.properties]);
      await untilReady({ name, process, log: files.log, ready: STARTED, deadline: READY_WITHIN });
      process.release();
    },
    async signal(signal) {
      process?.signal(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await process?.exited;
    },
    async stop() {
      await process?.stop();
    },
  };
}
