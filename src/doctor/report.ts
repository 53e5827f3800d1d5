/** How a diagnosis is written. */
import type { Diagnosis } from './diagnose';
import type { Finding, Level } from './finding';

const MARKS: Readonly<Record<Level, string>> = { ok: 'ok     ', warning: 'warning', problem: 'problem' };

/** A line per finding, and under it, where there is something to do, what. */
export function asText({ findings, summary }: Diagnosis): string {
  return `${[...findings.map(asLine), '', summary].join('\n')}\n`;
}

function asLine({ level, text, fix }: Finding): string {
  return `${MARKS[level]}  ${text}${fix === undefined ? '' : `. ${fix}`}`;
}

export function asJson(diagnosis: Diagnosis): string {
  return `${JSON.stringify(diagnosis, undefined, 2)}\n`;
}
