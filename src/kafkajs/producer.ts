import type { ClientFacts } from '../telemetry/client';
import type { Telemetry } from '../telemetry/telemetry';
import { followRequests } from './events';
import { instrumentSends } from './sends';
import { instrumentTransactions } from './transaction';
import type { Methods } from './types';

export function instrumentProducer(telemetry: Telemetry, producer: Methods, client: ClientFacts): void {
  const { metrics, settings } = telemetry;
  if (metrics && settings.requestMetrics) followRequests(telemetry, producer);
  instrumentSends(telemetry, producer, client);
  instrumentTransactions(telemetry, producer, client);
}
