import { writeFileSync } from 'node:fs';
import type { Guarded } from './guard';
import { makeWorkplace, runMain, type Jvm } from './jvm';
import { NotReady, readLog, untilReady } from './log';
import { brokerProperties, type NodeSettings } from './properties';

/** One broker process. */
export interface Broker {
  /** Starts it, or starts it again on its data and port; returns when it takes clients. */
  start(): Promise<void>;
  /** Sends a signal. Waits for the end of the process, unless the signal only halts or continues it. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** `[KafkaRaftServer nodeId=1] Kafka Server started`; with ZooKeeper `[KafkaServer id=1] started`. */
const STARTED = /Kafka Server started|\[KafkaServer id=\d+\] started/;
const READY_WITHIN = 90_000;

/** A broker that is not started yet. Its data folder is formatted at the first start. */
export function createBroker(jvm: Jvm, settings: Omit<NodeSettings, 'data'>, clusterId: string): Broker {
  const name = `Apache Kafka ${settings.version}`;
  const place = makeWorkplace(jvm.root, `broker-${settings.id}`, data =>
    brokerProperties({ ...settings, data }),
  );
  let process: Guarded | undefined;
  let formatted = settings.cluster.mode === 'zookeeper';

  return {
    async start() {
      if (!formatted) {
        process = runMain(jvm, place, [
          'kafka.tools.StorageTool',
          'format',
          '-t',
          clusterId,
          '-c',
          place.properties,
        ]);
        const status = await process.exited;
        if (status !== 0) throw new NotReady(`${name} could not format its data folder`, readLog(place.log));
        formatted = true;
      }
      // Else the line of the start before would be taken for this one's.
      writeFileSync(place.log, '');
      process = runMain(jvm, place, ['kafka.Kafka', place.properties]);
      await untilReady({ name, process, log: place.log, ready: STARTED, deadline: READY_WITHIN });
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
