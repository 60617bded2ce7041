import { GUEST, PAGE_KIB } from '../constants.ts';
import type { GuestSpec } from '../scenario/model.ts';

/** The files that the programs of a guest read, pages. */
export interface FilePages {
  readonly all: number;
  /** Of them, those that are read again and again. */
  readonly hot: number;
  /** Per second; not whole. */
  readonly reads: number;
}

export function filePagesOf({ files }: GuestSpec): FilePages {
  return {
    all: Math.floor(files.sizeKib / PAGE_KIB),
    hot: Math.floor(Math.min(files.hotKib, files.sizeKib) / PAGE_KIB),
    reads: files.readsKib / PAGE_KIB,
  };
}

/** Pages that programs read in a second and that are not in a page cache of `cache` pages. */
export function missingOf({ all, hot, reads }: FilePages, cache: number): number {
  if (all === 0 || cache >= all) return 0;
  const cachedHot = Math.min(cache, hot);
  const cold = all - hot;
  const hotReads = hot === 0 ? 0 : cold === 0 ? 1 : GUEST.hotReads;
  const hotMissing = hot === 0 ? 0 : 1 - cachedHot / hot;
  const coldMissing = cold === 0 ? 0 : 1 - (cache - cachedHot) / cold;
  return Math.min(all - cache, Math.ceil(reads * (hotReads * hotMissing + (1 - hotReads) * coldMissing)));
}
