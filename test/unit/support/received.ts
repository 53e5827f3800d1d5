import type { ReceivedLink, ReceivedSpan } from '../../support/otlp';

/** A received span whose id is its name. All other fields are empty by default. */
export const receivedSpan = (name: string, fields: Partial<ReceivedSpan> = {}): ReceivedSpan => ({
  traceId: 'trace',
  spanId: name,
  parentSpanId: undefined,
  traceState: '',
  name,
  kind: 'INTERNAL',
  start: 0n,
  end: 0n,
  attributes: {},
  events: [],
  links: [],
  status: { code: 'UNSET', message: '' },
  resource: {},
  service: '',
  scope: '',
  scopeVersion: '',
  ...fields,
});

export const receivedLink = (
  traceId: string,
  spanId: string,
  attributes: ReceivedLink['attributes'] = {},
): ReceivedLink => ({ traceId, spanId, traceState: '', attributes });
