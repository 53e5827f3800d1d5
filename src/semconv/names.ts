/** `{operation} {destination}`, the span name of the messaging conventions; without a destination just the operation. */
export function spanName(operation: string, destination: string | undefined): string {
  return destination === undefined ? operation : `${operation} ${destination}`;
}
