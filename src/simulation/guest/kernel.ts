import { GUEST, PAGE_KIB } from '../constants.ts';

/** What the kernel of a guest keeps once it has booted, pages. @param pages of the guest */
export function kernelPagesOf(pages: number): number {
  return Math.min(Math.floor(pages / 2), GUEST.kernelBase + Math.floor(pages * GUEST.kernelShare));
}

/** The part of it that counts as used in what the guest reports, KiB. */
export function visibleKernelKib(memoryKib: number): number {
  const pages = kernelPagesOf(Math.floor(memoryKib / PAGE_KIB));
  return (pages - Math.floor(pages * GUEST.hiddenShare)) * PAGE_KIB;
}

/** What a guest uses while it boots, pages: its kernel, and its programs. @param sinceS since it began to, seconds */
export function whileBooting(pages: number, sinceS: number): { readonly kernel: number; readonly demand: number } {
  const progress = Math.min(1, (sinceS + 1) / GUEST.bootS);
  return {
    kernel: Math.floor(kernelPagesOf(pages) * progress),
    demand: Math.floor(Math.min(GUEST.boot, pages / 4) * progress),
  };
}
