/** `problem`: no spans of kafkajs leave the program. `warning`: they do, but not all, or not as one would expect. */
export type Level = 'ok' | 'warning' | 'problem';

/** What one look at the program told. */
export interface Finding {
  /** What was looked at, and what was found: `kafkajs.missing`. Stable, for programs that read the JSON form. */
  readonly code: string;
  readonly level: Level;
  /** What is so, in one line. */
  readonly text: string;
  /** What to do about it, in one line. */
  readonly fix?: string;
}

export const ok = (code: string, text: string): Finding => ({ code, level: 'ok', text });

export const warning = (code: string, text: string, fix: string): Finding => ({
  code,
  level: 'warning',
  text,
  fix,
});

export const problem = (code: string, text: string, fix: string): Finding => ({
  code,
  level: 'problem',
  text,
  fix,
});
