import type { ClientFacts, Telemetry } from '../telemetry/telemetry';
import { instrumentSends } from './sends';
import { instrumentTransactions } from './transaction';
import type { Methods } from './types';

export function instrumentProducer(telemetry: Telemetry, producer: Methods, client: ClientFacts): void {
  instrumentSends(telemetry, producer, client);
  instrumentTransactions(telemetry, producer, client);
}
