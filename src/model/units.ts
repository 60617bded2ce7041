/** The unit of a field or a control, as it is written in the reference pages. */
export const UNITS = [
  'KiB',
  'pages',
  'KiB/pages',
  'bytes',
  'ms',
  's',
  'us',
  '%',
  'ratio',
  'count',
  'per second',
  'none',
] as const;

export type Unit = (typeof UNITS)[number];

/** The balloon's page size, KiB: smaller differences are ignored. */
export const BALLOON_PAGE_KIB = 4;

/** The page sizes of kernels that run KVM, KiB: 4 on x86 and s390x; 4, 16 or 64 on ARM64; 64 on POWER. */
const PAGE_SIZES_KIB = [4, 16, 64] as const;

/** The two figures may have been read one after the other, so they may differ a little. */
const TOLERANCE = 1.25;

/** The page size of a kernel, KiB, from one size in KiB and in pages; null when no page size fits. */
export function pageSizeFrom(kib: number, pages: number): number | null {
  const ratio = kib / pages;
  return PAGE_SIZES_KIB.find((size) => ratio < size * TOLERANCE && ratio * TOLERANCE > size) ?? null;
}
