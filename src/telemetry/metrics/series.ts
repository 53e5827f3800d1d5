import type { Attributes } from '@opentelemetry/api';
import type { Cell } from './tally';

/** What is recorded again and again of one topic of one group, each made when it is first asked for. */
export interface Series {
  /** The topic as metrics call it. */
  readonly destination: string | undefined;
  sent?: Cell;
  consumed?: Cell;
  send?: Attributes;
  commit?: Attributes;
  process?: Attributes;
  queued?: Attributes;
}

/** Series remembered; more than these are made anew for every record. */
const MAX_SERIES = 2000;

/** Finds the series of a topic and a group: nearly always it is the last one again. */
export class SeriesByTopic {
  readonly #groups = new Map<string | undefined, Map<string | undefined, Series>>();
  #size = 0;
  #last: { readonly group: string | undefined; readonly topic: string | undefined; readonly series: Series };

  /** @param destinationOf - the name of a topic in metrics, which there are not too many of */
  constructor(private readonly destinationOf: (topic: string) => string) {
    this.#last = { group: undefined, topic: undefined, series: this.#find(undefined, undefined) };
  }

  of(group: string | undefined, topic: string | undefined): Series {
    const last = this.#last;
    if (last.topic === topic && last.group === group) return last.series;
    const series = this.#find(group, topic === undefined ? undefined : this.destinationOf(topic));
    this.#last = { group, topic, series };
    return series;
  }

  #find(group: string | undefined, destination: string | undefined): Series {
    let topics = this.#groups.get(group);
    const known = topics?.get(destination);
    if (known) return known;
    const series: Series = { destination };
    if (this.#size >= MAX_SERIES) return series;
    this.#size++;
    if (!topics) this.#groups.set(group, (topics = new Map<string | undefined, Series>()));
    topics.set(destination, series);
    return series;
  }
}
