import { text } from '../messaging';
import type { Attributes } from '../otlp/decode';

export const unixSeconds = (nanoseconds: bigint): number => Number(nanoseconds / 1_000n) / 1e6;

/** Returns `service.instance.id`, or host and process id. */
export function instanceOf(resource: Attributes): string {
  const id = text(resource, 'service.instance.id');
  if (id !== '') return id;
  const pid = resource['process.pid'];
  return [text(resource, 'host.name'), typeof pid === 'number' ? String(pid) : ''].filter(Boolean).join(' ');
}
