import type { Partitions } from '../telemetry/metrics/partitions';
import { attempt, type Telemetry } from '../telemetry/telemetry';
import type { Methods } from './types';
import { wrapMethod } from './wrap';

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** A consumer that seeks to the end of a partition fetches nothing from then on, so no event tells that it has caught up. */
export function followSeeks(telemetry: Telemetry, consumer: Methods, partitions: Partitions): void {
  wrapMethod(consumer, 'seek', original => {
    return function (this: unknown, ...args: unknown[]): unknown {
      const result = original.apply(this, args);
      attempt(telemetry, 'seek', () => {
        const { topic, partition, offset } = args[0] as Place;
        partitions.sought(topic, partition, Number(offset));
      });
      return result;
    };
  });
}
