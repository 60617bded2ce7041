import { GUEST, PAGE_KIB } from '../constants.ts';

/** What the kernel of a guest keeps once it has booted, pages. @param pages of the guest */
export function kernelPages(pages: number): number {
  const share = Math.max(GUEST.kernelLeast, Math.floor(pages * GUEST.kernelShare));
  return Math.min(Math.floor(pages / 2), share);
}

/** The part of it that counts as used in what the guest reports, KiB. */
export function visibleKernelKib(memoryKib: number): number {
  const pages = kernelPages(Math.floor(memoryKib / PAGE_KIB));
  return (pages - Math.floor(pages * GUEST.hiddenShare)) * PAGE_KIB;
}
