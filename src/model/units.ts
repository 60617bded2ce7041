/** The unit of a field or a control, as shown in the reference pages. */
export const UNITS = ['KiB', 'pages', 'bytes', 'ms', 's', 'us', '%', 'ratio', 'count', 'per second', 'none'] as const;

export type Unit = (typeof UNITS)[number];

/** The balloon's page size, KiB: smaller differences are ignored. */
export const BALLOON_PAGE_KIB = 4;

/** Size of the pages that KSM counts, KiB (the kernel merges base pages only; 4 KiB on every x86 host). */
export const KSM_PAGE_KIB = 4;
