import { KSM } from '../constants.ts';
import type { Ksm } from '../host/ksm.ts';

/** A file of KSM: its value, and what a write does; absent: it is read-only. */
interface File {
  readonly read: (ksm: Ksm) => string | number;
  readonly write?: (ksm: Ksm, value: number) => void;
  /** Another value is written only while nothing is merged. */
  readonly requiresUnmerged?: true;
  readonly most?: number;
}

const knob = (key: WritableKeys, most?: number): File => ({
  read: (ksm) => ksm[key],
  write: (ksm, value) => {
    ksm[key] = value;
  },
  ...(most !== undefined && { most }),
});

type WritableKeys =
  | 'run'
  | 'pagesToScan'
  | 'sleepMs'
  | 'mergeAcrossNodes'
  | 'maxPageSharing'
  | 'useZeroPages'
  | 'smartScan'
  | 'advisorMaxCpu'
  | 'advisorMinPages'
  | 'advisorMaxPages'
  | 'advisorTargetS';

/** What the kernel sets pages_to_scan to when the advisor is turned off. */
const PAGES_AFTER_ADVISOR = 100;

const FILES: Readonly<Record<string, File>> = {
  run: knob('run', 2),
  pages_to_scan: knob('pagesToScan'),
  sleep_millisecs: knob('sleepMs'),
  merge_across_nodes: { ...knob('mergeAcrossNodes', 1), requiresUnmerged: true },
  max_page_sharing: { ...knob('maxPageSharing'), requiresUnmerged: true },
  use_zero_pages: knob('useZeroPages', 1),
  smart_scan: knob('smartScan', 1),
  advisor_max_cpu: knob('advisorMaxCpu', 100),
  advisor_min_pages_to_scan: knob('advisorMinPages'),
  advisor_max_pages_to_scan: knob('advisorMaxPages'),
  advisor_target_scan_time: knob('advisorTargetS'),
  advisor_mode: { read: ({ advisorMode }) => (advisorMode === 'none' ? '[none] scan-time' : 'none [scan-time]') },
  pages_shared: { read: (ksm) => ksm.merged.shared },
  pages_sharing: { read: (ksm) => ksm.merged.sharing },
  pages_unshared: { read: (ksm) => ksm.notMerged.unshared },
  pages_volatile: { read: (ksm) => ksm.notMerged.volatile },
  pages_scanned: { read: (ksm) => ksm.pagesScanned },
  pages_skipped: { read: () => 0 },
  full_scans: { read: (ksm) => ksm.fullScans },
  general_profit: { read: (ksm) => ksm.profit },
  ksm_zero_pages: { read: () => 0 },
  stable_node_chains: { read: () => 0 },
  stable_node_dups: { read: () => 0 },
  stable_node_chains_prune_millisecs: { read: () => KSM.pruneMs },
};

/** The value of a file; null: there is none. */
export function readKnob(ksm: Ksm, file: string): string | null {
  return Object.hasOwn(FILES, file) ? `${FILES[file]!.read(ksm)}\n` : null;
}

/** Writes a file as the kernel would. @returns the errno; null: it is written */
export function writeKnob(ksm: Ksm, file: string, text: string): string | null {
  if (!Object.hasOwn(FILES, file)) return 'ENOENT';
  if (file === 'advisor_mode') return setAdvisor(ksm, text);
  const { read, write, requiresUnmerged, most = 4_294_967_295 } = FILES[file]!;
  if (write === undefined) return 'EACCES';
  if (!/^\+?\d{1,20}\n?$/.test(text)) return 'EINVAL';
  const value = Number(text);
  if (value > most) return 'EINVAL';
  if (file === 'pages_to_scan' && ksm.advisorMode !== 'none') return 'EINVAL';
  if (requiresUnmerged && value !== read(ksm) && ksm.merged.shared > 0) return 'EBUSY';
  write(ksm, value);
  return null;
}

function setAdvisor(ksm: Ksm, text: string): string | null {
  const mode = text.trim();
  if (mode !== 'none' && mode !== 'scan-time') return 'EINVAL';
  if (mode === 'none' && ksm.advisorMode !== 'none') ksm.pagesToScan = PAGES_AFTER_ADVISOR;
  ksm.advisorMode = mode;
  return null;
}
