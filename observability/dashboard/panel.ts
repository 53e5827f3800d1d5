/** A panel without any word of Grafana's own. */
export interface Query {
  readonly expr: string;
  /** What a series is called, with `{{label}}`s. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it tells, and what to look for. */
  readonly description: string;
  readonly shape: 'value' | 'lines' | 'bars' | 'table';
  /** One of Grafana's units: `mps` messages a second, `s` seconds, `percentunit` a share, `short` a number. */
  readonly unit: 'mps' | 's' | 'percentunit' | 'short';
  readonly queries: readonly Query[];
  /** From which value on it is yellow, and red. */
  readonly thresholds?: readonly [warning: number, critical: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}
