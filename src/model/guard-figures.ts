/** What guards reckon with beyond the statistics of a snapshot. Sizes are KiB. A figure that is missing is unknown. */
export interface GuardFigures {
  readonly host: HostFigures;
  /** By uuid. */
  readonly guests: ReadonlyMap<string, GuestFigures>;
}

export interface HostFigures {
  /** What the host keeps at least. */
  readonly reserveKib?: number;
  /** Growth that guests were granted and have not touched yet. */
  readonly grantedKib?: number;
  /** Kept for guests that are about to start. */
  readonly reservedKib?: number;
  /** What can be handed out above all that; negative: less than nothing. */
  readonly spareKib?: number;
}

export interface GuestFigures {
  /** The size below which no guard lets its balloon go. */
  readonly floorKib?: number;
  /** The last target that Ballast has written. */
  readonly targetKib?: number;
  /** Growth that it was granted and has not touched yet. */
  readonly grantedKib?: number;
}
