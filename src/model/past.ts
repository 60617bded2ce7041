/** Days that statistics of complete hours are kept for. */
export const KEPT_DAYS = 7;

/** With fewer samples in the hours that it covers, a percentile is nil. */
export const LEAST_SAMPLES = 60;

/** The fields of which a policy reads statistics over days: those that its text names. */
export interface StatisticsNeed {
  readonly host: readonly string[];
  readonly guest: readonly string[];
}

export const NO_STATISTICS_NEED: StatisticsNeed = { host: [], guest: [] };

/** What is known of the fields of an entity in the complete hours of the last days. It changes when an hour ends, never within one. */
export interface Past {
  /** Whether the field is kept. */
  keeps(field: string): boolean;
  /**
   * @param share 0 to 1
   * @param seconds how far back, in whole hours: one at least, {@link KEPT_DAYS} at most
   * @returns null: there are fewer than {@link LEAST_SAMPLES} samples
   */
  percentile(field: string, share: number, seconds: number): number | null;
  /** The same over those hours of the last days that are the current hour of the day. */
  sameHour(field: string, share: number): number | null;
}
