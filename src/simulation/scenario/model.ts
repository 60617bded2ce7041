/** So many guests are simulated at most, whatever a scenario asks for. */
export const MOST_GUESTS = 10_000;

/** NUMA nodes of a host. */
export const MOST_NODES = 64;

/** What is simulated, as plain data: sizes are KiB, times seconds, shares 0 to 1. */
export interface Scenario {
  /** The name of its file, without folder and ending. */
  readonly name: string;
  /** The first line of the file. */
  readonly story: string;
  readonly durationS: number;
  readonly host: HostSpec;
  readonly guests: readonly GuestSpec[];
}

export interface HostSpec {
  readonly memoryKib: number;
  readonly cpus: number;
  /** The kernel and the programs that are always there. */
  readonly reserveKib: number;
  readonly swapKib: number;
  /** What it can write to and read from its swap, KiB per second. */
  readonly swapSpeedKib: number;
  /** The page cache that its programs would fill. */
  readonly filesKib: number;
  /** Other programs. */
  readonly other: DemandSpec;
  readonly arc: { readonly minKib: number; readonly maxKib: number };
  readonly ksm: KsmSpec;
  /** Its NUMA nodes, which have equal parts of its memory and its CPUs; null: it has one, and its kernel shows none. */
  readonly numa: { readonly nodes: number } | null;
}

export interface KsmSpec {
  readonly run: boolean;
  readonly pagesToScan: number;
  readonly sleepMs: number;
  readonly mergeAcrossNodes: boolean;
}

/** Anonymous memory over time. */
export interface DemandSpec {
  readonly baseKib: number;
  readonly spread: number;
  readonly day: DaySpec | null;
  readonly points: readonly { readonly atS: number; readonly sizeKib: number }[];
  /** When the points begin again; 0: never. */
  readonly repeatS: number;
  readonly bursts: BurstSpec | null;
  /** KiB an hour. */
  readonly leakKib: number;
}

export interface DaySpec {
  readonly peakKib: number;
  readonly fromS: number;
  readonly toS: number;
  readonly rampS: number;
  /** The day of each guest begins up to so much earlier or later. */
  readonly shiftS: number;
}

export interface BurstSpec {
  readonly everyS: number;
  readonly sizeKib: number;
  /** KiB per second. */
  readonly rateKib: number;
  readonly lastsS: number;
}

export type BalloonKind = 'follows' | 'stuck' | 'hollow' | 'none';
export type StatisticsKind = 'linux' | 'windows' | 'none' | 'frozen' | 'greedy';

export interface GuestSpec {
  readonly name: string;
  readonly memoryKib: number;
  /** Its balloon_min; null: none. */
  readonly minKib: number | null;
  readonly swapKib: number;
  readonly demand: DemandSpec;
  /** Share of its anonymous memory that it does not touch for minutes. */
  readonly idle: number;
  readonly files: { readonly sizeKib: number; readonly hotKib: number; readonly readsKib: number };
  readonly balloon: {
    readonly moves: BalloonKind;
    /** KiB per second; 0: as fast as the guest can. */
    readonly rateKib: number;
    /** It makes the guest no smaller; 0: without limit. */
    readonly limitKib: number;
    /** It begins to move so long after a new target. */
    readonly lateS: number;
  };
  readonly freePageReporting: boolean;
  readonly statistics: {
    readonly kind: StatisticsKind;
    readonly periodS: number;
    readonly lateS: number;
    /** The driver reports nothing from then on; 0: it always reports. */
    readonly untilS: number;
  };
  readonly sharing: { readonly image: string; readonly share: number; readonly writes: number };
  readonly life: {
    readonly startS: number;
    /** 0: never. */
    readonly stopS: number;
    readonly rebootsS: readonly number[];
    /** When it begins to leave for another host; 0: never. */
    readonly migrateS: number;
    readonly migrationS: number;
  };
  /** What it has when it starts; null: it boots then. */
  readonly running: RunningSpec | null;
  /** The NUMA node that it prefers; null: guests take turns. */
  readonly node: number | null;
}

/** A guest that has been running for a while. */
export interface RunningSpec {
  /** What its balloon leaves. */
  readonly sizeKib: number;
  readonly cacheKib: number;
  /** All that is touched. */
  readonly residentKib: number;
}
