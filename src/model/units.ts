/** The unit of a field or a control, as it is written in the reference pages. */
export const UNITS = ['KiB', 'pages', 'bytes', 'ms', 's', 'us', '%', 'ratio', 'count', 'per second', 'none'] as const;

export type Unit = (typeof UNITS)[number];

/** A balloon consists of pages: a smaller difference in size is none. KiB. */
export const BALLOON_PAGE_KIB = 4;

/** Size of the pages that KSM counts, in KiB (the kernel merges base pages only; 4 KiB on every x86 host). */
export const KSM_PAGE_KIB = 4;
