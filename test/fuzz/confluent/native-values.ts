import type { WireRecord } from '../captured/wire';

/** How the binding reads JavaScript values. */

export const textOf = (value: unknown): string => String(value);

/** The binding treats every view of an ArrayBuffer as a Buffer. */
export function bytesOf(value: unknown): Buffer | undefined {
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}

export function keyOf(key: unknown): Buffer | null {
  if (key === undefined || key === null) return null;
  // `String` accepts a symbol, but the real binding would end the process.
  return bytesOf(key) ?? Buffer.from(textOf(key));
}

/**
 * Returns the headers that the binding accepts. For a header of a wrong type, the binding reports an error and
 * continues.
 */
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

/** Returns the size of a message as librdkafka computes it. */
export function sizeOf(key: Buffer | null, value: Buffer | null, headers: WireRecord['headers']): number {
  const overhead = 36;
  return headers.reduce(
    (size, [name, content]) => size + name.length + (content?.length ?? 0) + 2,
    overhead + (key?.length ?? 0) + (value?.length ?? 0),
  );
}
