import type { Sample } from '../../../model/field.ts';
import { BALLOON, PAGE_KIB } from '../../constants.ts';
import { MOST_NODES, type HostSpec, type KsmSpec } from '../../scenario/model.ts';
import { Curve, toleranceOf, valueAt, type Point } from '../curve.ts';
import { usualReserveKib } from '../host-defaults.ts';
import type { Columns } from './columns.ts';

const PAGES_TO_SCAN = 100;
const SLEEP_MS = 20;
const SWAP_SPEED_KIB = 200 * 1024;
const CPUS = 16;
const MOST_CPUS = 4096;
const MOST_KIB = 64 * 1024 ** 3;

/** Of all guests together, KiB. */
export interface GuestSums {
  readonly residentKib: number;
  /** What is in their balloons. */
  readonly balloonsKib: number;
}

/** What a recording says about the host. */
export class HostHistory {
  readonly memoryKib: number;
  readonly free: Curve;
  /** Each change of its settings. */
  readonly ksm: { readonly atS: number; readonly settings: KsmSpec }[] = [];
  /** What neither guests, page cache nor ARC have. */
  readonly #other: Curve;
  #leastOtherKib = Infinity;
  /** In all balloons at first, and how much more since. */
  #balloonsKib: number | null = null;
  readonly #inflated: Curve;
  #mergedBeforeKib: number | null = null;
  #swappedBeforeKib: number | null = null;
  #cacheKib = 0;
  #swapKib: number | null = null;
  #cpus: number | null = null;
  #arc: { min: number; max: number } | null = null;
  #ksm: KsmSpec | null = null;
  #nodes: number | null = null;

  constructor(sample: Sample, columns: Columns) {
    this.memoryKib = columns.number(sample, 'mem_available') ?? 0;
    this.free = new Curve(toleranceOf(this.memoryKib));
    this.#other = new Curve(toleranceOf(this.memoryKib));
    this.#inflated = new Curve(toleranceOf(this.memoryKib));
  }

  /** @param guests null: not recorded */
  add(sample: Sample, columns: Columns, atS: number, guests: GuestSums | null): void {
    const number = (name: string) => columns.number(sample, name);
    const freeKib = number('mem_unused') ?? 0;
    const sharedKib = number('shmem') ?? 0;
    const cacheKib = Math.max(0, (number('mem_free') ?? freeKib) - freeKib - sharedKib);
    const arcKib = number('zfs_arc_size') ?? 0;
    const savedKib = (number('ksm_pages_sharing') ?? 0) * PAGE_KIB;
    this.#mergedBeforeKib ??= savedKib;
    this.#swappedBeforeKib ??= number('swap_usage');
    this.free.add(atS, freeKib);
    this.#cacheKib = Math.max(this.#cacheKib, cacheKib);
    this.#swapKib ??= number('swap_total');
    this.#cpus ??= number('cpu_count');
    this.#arc ??= arcOf(number('zfs_arc_min'), number('zfs_arc_max'));
    this.#nodes ??= number('numa_node_count');
    const ksm = ksmOf(sample, columns);
    this.#ksm ??= ksm;
    const last = this.ksm.at(-1);
    if (ksm !== null && (last === undefined || JSON.stringify(last.settings) !== JSON.stringify(ksm)))
      this.ksm.push({ atS, settings: ksm });
    if (guests === null) return;
    const { residentKib, balloonsKib } = guests;
    const otherKib = Math.max(0, this.memoryKib - freeKib - cacheKib - arcKib - residentKib + savedKib);
    this.#other.add(atS, otherKib);
    this.#balloonsKib ??= balloonsKib;
    this.#inflated.add(atS, Math.max(0, balloonsKib - this.#balloonsKib));
    this.#leastOtherKib = Math.min(this.#leastOtherKib, otherKib);
  }

  /** @param inferred what was concluded or assumed is added to it */
  spec(inferred: string[]): HostSpec {
    const { memoryKib } = this;
    const isKnown = Number.isFinite(this.#leastOtherKib);
    const reserveKib = Math.floor(
      isKnown ? Math.min(this.#leastOtherKib, memoryKib * 0.8) : usualReserveKib(memoryKib),
    );
    const inflated = this.#inflated.points();
    // What balloons take out of huge pages is not free on the host at once. The model has that too.
    const tornKib = (atS: number): number => BALLOON.tornShare * valueAt(inflated, atS);
    const points = this.#other.points().map(({ atS, sizeKib }): Point => ({
      atS,
      sizeKib: Math.min(memoryKib, Math.max(0, Math.round(sizeKib - reserveKib - tornKib(atS)))),
    }));
    inferred.push(
      isKnown
        ? 'host: what neither guests, page cache nor ARC have counts as other programs; its least is the reserve'
        : 'host: resident memory of guests is not recorded, and so not what other programs have; there are none',
    );
    const mergedMib = Math.round((this.#mergedBeforeKib ?? 0) / 1024);
    if (mergedMib > 64)
      inferred.push(
        `host: KSM saved ${mergedMib} MiB when the recording began; in the simulation it begins with nothing`,
      );
    const swappedMib = Math.round((this.#swappedBeforeKib ?? 0) / 1024);
    if (swappedMib > 64)
      inferred.push(`host: ${swappedMib} MiB were in its swap when the recording began; in the simulation nothing is`);
    if (this.#swapKib === null) inferred.push('host: its swap is not recorded; it gets none');
    inferred.push('host: the speed of its swap is not recorded: 200 MiB/s');
    if (this.#cpus === null) inferred.push(`host: its CPUs are not recorded: ${CPUS}`);
    const cpus = Math.min(MOST_CPUS, Math.max(1, this.#cpus ?? CPUS));
    const nodes = Math.min(this.#nodes ?? 0, cpus, MOST_NODES);
    if (nodes > 1)
      inferred.push(
        `host: which guest was on which of its ${nodes} NUMA nodes is not recorded; memory and guests are spread evenly over them`,
      );
    return {
      ...{ memoryKib, cpus, reserveKib },
      ...{
        swapKib: Math.min(MOST_KIB, this.#swapKib ?? 0),
        swapSpeedKib: SWAP_SPEED_KIB,
        filesKib: Math.min(this.#cacheKib, memoryKib),
      },
      other: {
        ...{ baseKib: 0, spread: 0, day: null, points: isFlat(points) ? [] : points },
        ...{ repeatS: 0, bursts: null, leakKib: 0 },
      },
      arc: arcWithin(this.#arc, Math.floor(memoryKib * 0.9) - reserveKib),
      ksm: this.#ksm ?? { run: false, pagesToScan: PAGES_TO_SCAN, sleepMs: SLEEP_MS, mergeAcrossNodes: true },
      numa: nodes === 0 ? null : { nodes },
    };
  }
}

/** @param mostKib what reserve and ARC may have of the host together, less the reserve */
function arcWithin(arc: { min: number; max: number } | null, mostKib: number): HostSpec['arc'] {
  const maxKib = Math.min(arc?.max ?? 0, mostKib);
  return { minKib: Math.min(arc?.min ?? 0, maxKib), maxKib };
}

function isFlat(points: readonly Point[]): boolean {
  return points.every(({ sizeKib }) => sizeKib < 1024);
}

function arcOf(min: number | null, max: number | null): { min: number; max: number } | null {
  return min === null || max === null || max < min ? null : { min, max };
}

/** How KSM is found. */
function ksmOf(sample: Sample, columns: Columns): KsmSpec | null {
  const run = columns.number(sample, 'ksm_run');
  if (run === null) return null;
  const pages = columns.number(sample, 'ksm_pages_to_scan') ?? PAGES_TO_SCAN;
  const sleepMs = columns.number(sample, 'ksm_sleep_millisecs') ?? SLEEP_MS;
  return {
    run: run === 1,
    pagesToScan: Math.min(1_000_000, Math.max(1, Math.round(pages))),
    sleepMs: Math.min(3_600_000, Math.round(sleepMs)),
    mergeAcrossNodes: columns.number(sample, 'ksm_merge_across_nodes') !== 0,
  };
}
