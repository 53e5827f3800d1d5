/**
 * `problem`: no spans of Kafka clients leave the program. `warning`: some spans are missing, or not as expected. `unsure`:
 * the files do not show whether spans leave the program.
 */
export type Level = 'ok' | 'warning' | 'problem' | 'unsure';

export interface Place {
  /** Path of the file, relative to the program's folder if the file is inside that folder. */
  readonly file: string;
  /** Line number, starting at 1. Absent if the whole file is meant. */
  readonly line?: number;
}

export interface Finding extends Partial<Place> {
  /**
   * Names the check and its result, for example `clients.missing`. Codes do not change, because programs may read the JSON
   * output.
   */
  readonly code: string;
  readonly level: Level;
  readonly what: string;
  /** Why it matters. Absent if the level is ok. */
  readonly why?: string;
  /** What to do about it. Absent if the level is ok. */
  readonly do?: string;
  /** The command in `do`, if it contains one. */
  readonly command?: string;
}

/** What a check returns: one finding, or a list that may contain lists of other checks. */
export type Findings = Finding | readonly Findings[];

/** The findings in their order, without the nesting. */
export const flatten = (findings: Findings): Finding[] =>
  'code' in findings ? [findings] : findings.flatMap(flatten);

export const ok = (code: string, what: string, place?: Place): Finding => ({
  code,
  level: 'ok',
  what,
  ...place,
});

export type Report = (code: string, what: string, why: string, fix: string, place?: Place) => Finding;

export const warning: Report = (...parts) => finding('warning', ...parts);
export const problem: Report = (...parts) => finding('problem', ...parts);
export const unsure: Report = (...parts) => finding('unsure', ...parts);

function finding(level: Level, ...[code, what, why, fix, place]: Parameters<Report>): Finding {
  return { code, level, what, why, do: fix, ...place };
}
