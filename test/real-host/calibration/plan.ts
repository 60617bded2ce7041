/** Something that happens once, seconds after the start of an experiment. */
interface At {
  readonly atS: number;
}

/** What one guest is made of, and what its programs and its balloon are told to do. Sizes are MiB. */
export interface GuestPlan {
  readonly name: string;
  readonly memoryMib: number;
  /** Its own swap; 0: none. With swap, its disk is not there for files. */
  readonly swapMib: number;
  readonly startS: number;
  /** The heap that its programs want from then on. */
  readonly heap: readonly (At & { readonly mib: number })[];
  /** Whether the heap has the content of the disk, which all guests share; otherwise all mebibytes of it are alike. */
  readonly hasImage: boolean;
  /** Share of the heap that is read in a second, at random, and the share of it that never is. */
  readonly touchedPerS: number;
  readonly idle: number;
  /** Files that are read at random: four of five reads are of the hot ones. */
  readonly files: { readonly sizeMib: number; readonly hotMib: number; readonly readsMib: number } | null;
  /** Share of the heap that is overwritten in a minute, at random. */
  readonly writesPerMin: number;
  /** Sizes that its balloon is told. */
  readonly targets: readonly (At & { readonly mib: number })[];
}

/** One experiment: a small host, its guests, and what is done to them. */
export interface ExperimentPlan {
  readonly name: string;
  /** In words, for the page. */
  readonly about: string;
  /** Constants are fitted to the first kind, and judged by the second. */
  readonly set: 'fit' | 'held-out';
  readonly seconds: number;
  /** Memory of the host; null: that of the machine. */
  readonly hostMib: number | null;
  /** Whether it can swap. */
  readonly hostSwap: boolean;
  readonly ksm: readonly (At & { readonly run: 0 | 1 | 2; readonly pagesToScan: number })[];
  /** A policy that steers the guests meanwhile; null: they are only recorded. */
  readonly policy: string | null;
  readonly guests: readonly GuestPlan[];
}

/** Something that really happened, milliseconds after the start of the experiment. */
export type Event =
  | { readonly kind: 'started' | 'booted' | 'silent'; readonly guest: string; readonly ms: number }
  /** The heap grew or shrank to this size. */
  | { readonly kind: 'heap'; readonly guest: string; readonly ms: number; readonly mib: number }
  | { readonly kind: 'target'; readonly guest: string; readonly ms: number; readonly mib: number }
  /** Its size while the balloon moves. */
  | { readonly kind: 'size'; readonly guest: string; readonly ms: number; readonly mib: number }
  /** What QEMU has on the host: the guest's memory, and the rest. */
  | {
      readonly kind: 'process';
      readonly guest: string;
      readonly ms: number;
      readonly guestKib: number;
      readonly otherKib: number;
    }
  | { readonly kind: 'ksm'; readonly ms: number; readonly run: number; readonly pagesToScan: number }
  /** Reads and writes of one second: MiB that were wanted, and how long they took. */
  | {
      readonly kind: 'work';
      readonly guest: string;
      readonly ms: number;
      readonly mib: number;
      readonly tookMs: number;
    }
  /** What the guest's kernel counts: pages and microseconds since it booted, KiB. */
  | {
      readonly kind: 'pulse';
      readonly guest: string;
      readonly ms: number;
      readonly values: Readonly<Record<string, number>>;
    };

/** What an experiment leaves, beside the recording. */
export interface Notes {
  readonly plan: ExperimentPlan;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly kernel: string;
  readonly cores: number;
  readonly events: readonly Event[];
}

/** In the folder of the recordings: the CPU time of ksmd over time, a line of JSON each second. */
export const KSMD = 'ksmd.jsonl';
