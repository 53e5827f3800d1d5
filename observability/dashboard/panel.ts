export interface Query {
  readonly expr: string;
  /** Name of a series in the legend. May contain labels, such as `{{topic}}`. */
  readonly legend: string;
}

/** A panel of the dashboard, in a form that does not depend on Grafana. */
export interface Panel {
  readonly title: string;
  /** What the panel shows, and what the reader should look for. */
  readonly description: string;
  readonly shape: 'value' | 'lines' | 'bars' | 'table';
  /**
   * Unit of the values in Grafana's notation: `mps` for messages per second, `s` for seconds, `percentunit` for a share from 0 to
   * 1, `short` for a plain number.
   */
  readonly unit: 'mps' | 's' | 'percentunit' | 'short';
  readonly queries: readonly Query[];
  /** The lowest values that are shown in yellow and in red. */
  readonly thresholds?: readonly [warning: number, critical: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}
