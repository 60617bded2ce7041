import type { TimelineLine } from '../../tooling/timeline/event.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

export interface TimelineOptions {
  /** A recording, or `live`. */
  readonly source: string;
  /** A name or a UUID; null: all. */
  readonly guest: string | null;
  /** Times as on the command line; null: no limit. */
  readonly from: string | null;
  readonly to: string | null;
  /** Not only balloons, and also what was held back. */
  readonly all: boolean;
  readonly json: boolean;
  readonly daemon: DaemonChoice;
}

/** The lines of each interval, and the names of guests that exist in the source. */
export interface Timeline {
  readonly lines: AsyncIterable<readonly TimelineLine[]>;
  /** Known after all lines were read. */
  readonly names: () => Iterable<string>;
}
