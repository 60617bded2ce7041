/** What the host keeps for itself: the larger of a size (KiB) and a share of its memory (0 to 1). */
export interface ReserveSettings {
  readonly reserve: number;
  readonly reserve_share: number;
}

/**
 * Memory of the host that no guard hands out, KiB.
 * @param ordinaryKib mem_ordinary of the host; null when it is unknown: the size alone applies
 */
export function reserveKib(ordinaryKib: number | null, { reserve, reserve_share: share }: ReserveSettings): number {
  return Math.max(reserve, Math.ceil((ordinaryKib ?? 0) * share));
}
