import { PAGE_KIB, WATERMARK } from '../constants.ts';

/**
 * The free memory that the kernel of a guest defends: its low watermark, pages. It follows from the memory that the guest was started with
 * (Linux: __calculate_min_free_kbytes, set_recommended_min_free_kbytes), and a balloon does not change it.
 */
export function lowWatermark(pages: number): number {
  const kib = pages * PAGE_KIB;
  const least = WATERMARK.rootFactor * Math.sqrt(kib);
  // With transparent huge pages it keeps room to make some.
  const huge =
    kib < WATERMARK.hugeFromKib ? 0 : kib < WATERMARK.thirdZoneKib ? WATERMARK.hugeKib : WATERMARK.hugeMostKib;
  const min = Math.max(least, Math.min(huge, WATERMARK.hugeShare * kib));
  return Math.floor((min * WATERMARK.low) / PAGE_KIB);
}
