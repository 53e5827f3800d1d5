import type { WireRecord } from '../captured/wire';

/** How the binding reads JavaScript values. */

export const textOf = (value: unknown): string => String(value);

/** The binding takes any view for a Buffer. */
export function bytesOf(value: unknown): Buffer | undefined {
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}

export function keyOf(key: unknown): Buffer | null {
  if (key === undefined || key === null) return null;
  // The real binding ends the process for a symbol.
  return bytesOf(key) ?? Buffer.from(textOf(key));
}

/** The headers that the binding accepts: it only reports one of a wrong type, and goes on. */
export function headersOf(headers: unknown): {
  readonly accepted: WireRecord['headers'];
  readonly isRefused: boolean;
} {
  const accepted: [string, Buffer][] = [];
  let isRefused = false;
  for (const header of Array.isArray(headers) ? (headers as readonly object[]) : []) {
    const [name] = Object.getOwnPropertyNames(header);
    const value: unknown = (header as Record<string, unknown>)[String(name)];
    const bytes = typeof value === 'string' ? Buffer.from(value) : bytesOf(value);
    if (bytes) accepted.push([String(name), bytes]);
    else isRefused = true;
  }
  return { accepted, isRefused };
}

/** The size of a message by librdkafka's account. */
export function sizeOf(key: Buffer | null, value: Buffer | null, headers: WireRecord['headers']): number {
  const overhead = 36;
  return headers.reduce(
    (size, [name, content]) => size + name.length + (content?.length ?? 0) + 2,
    overhead + (key?.length ?? 0) + (value?.length ?? 0),
  );
}
