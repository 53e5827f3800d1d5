/** The range of the hash below: 32 bits. */
const RANGE = 0xffffffff;

/**
 * Whether a trace falls into the kept share, by the hash of its id that the JavaScript SDK's `TraceIdRatioBasedSampler` uses
 * too. So decisions nest: a trace that is kept at 1 % is kept at 10 %, in whichever process is asked.
 */
export function isWithinRatio(traceId: string, ratio: number): boolean {
  let hash = 0;
  for (let part = 0; part < 32; part += 8) hash = (hash ^ parseInt(traceId.slice(part, part + 8), 16)) >>> 0;
  return hash < Math.floor(ratio * RANGE);
}
