import type { Facts } from '../../semconv/vocabulary';

/** kafkajs names a broker `host:port`, where the host may be an IPv6 address, which brackets are no part of. */
const BROKER = /^\[?(.+?)\]?:(\d+)$/;

/** The address of a broker, as far as it can be read. */
export function endpointOf(broker: string): Facts {
  const [, host, port] = BROKER.exec(broker) ?? [];
  if (host === undefined) return { serverAddress: broker };
  return { serverAddress: host, serverPort: Number(port) };
}
