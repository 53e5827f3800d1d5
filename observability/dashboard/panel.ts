export interface Query {
  readonly expr: string;
  /** Template for the name of a series, with `{{label}}`s. */
  readonly legend: string;
}

/** A panel, independent of Grafana's JSON. */
export interface Panel {
  readonly title: string;
  /** What it shows, and what to look for. */
  readonly description: string;
  readonly shape: 'value' | 'lines' | 'bars' | 'table';
  /** Grafana's unit: `mps` messages per second, `s` seconds, `percentunit` a share from 0 to 1, `short` a number. */
  readonly unit: 'mps' | 's' | 'percentunit' | 'short';
  readonly queries: readonly Query[];
  /** Lowest values shown in yellow and in red. */
  readonly thresholds?: readonly [warning: number, critical: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}
