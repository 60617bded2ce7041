/** No guest needs ten times what it uses. */
const MOST_ROOM = 0.9;

/** The size of which a share could be used at once while a guest uses this much, KiB. */
export function sizeWithRoom(usedKib: number, share: number): number {
  return usedKib / (1 - Math.min(MOST_ROOM, share));
}
