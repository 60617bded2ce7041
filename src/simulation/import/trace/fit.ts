import { visibleKernelKib } from '../../guest/kernel.ts';
import type { GuestSpec } from '../../scenario/model.ts';
import { hiddenBursts, LONG_STEP_S, stepS } from '../bursts.ts';
import { Curve, toleranceOf } from '../curve.ts';
import { NoDemandError, type Fitted } from '../fitted.ts';
import { assumedHost } from '../host-defaults.ts';
import { Inferences } from '../inferences.ts';
import { GuestNames } from '../names.ts';
import type { GuestTrace, Traces } from './traces.ts';

const MIB = 1024;
const LONGEST_S = 744 * 3600;
const LEAST_MEMORY_KIB = 64 * MIB;

export interface TraceOptions {
  /** Path, for messages and for the story. */
  readonly path: string;
  readonly name: string;
  /** Of the host, KiB; null: not known. */
  readonly memoryKib: number | null;
  readonly addsBursts: boolean;
  readonly range: ((firstMs: number, lastMs: number) => { readonly fromMs: number; readonly toMs: number }) | null;
}

interface Used {
  readonly trace: GuestTrace;
  readonly samples: ReturnType<GuestTrace['sorted']>;
}

/** Fits a scenario to traces of memory. @throws NoDemandError when there is nothing to simulate */
export function fitTraces(traces: Traces, options: TraceOptions): Fitted {
  const { path, name, memoryKib, addsBursts } = options;
  const inferred: string[] = [];
  const used = usable(traces, options, inferred);
  if (used.length === 0) throw new NoDemandError(`${path}: no guest has a sample`);
  const startMs = used.reduce((least, { samples }) => Math.min(least, samples[0]!.timeMs), Infinity);
  const endMs = used.reduce((most, { samples }) => Math.max(most, samples.at(-1)!.timeMs), -Infinity);
  const endS = Math.round((endMs - startMs) / 1000);
  if (endS > LONGEST_S) inferred.push('the trace is longer than 744 h; the rest of it is left out');
  const inferences = new Inferences();
  const names = new GuestNames();
  const guests = used.map((each) =>
    specOf(each, names.take(each.trace.name), { startMs, endS, addsBursts, inferences }),
  );
  const host = assumedHost(
    memoryKib,
    guests.reduce((sum, guest) => sum + guest.memoryKib, 0),
    inferred,
  );
  inferred.push(...inferences.lines(guests.length), ...names.lines());
  const longest = used.reduce((most, { samples }) => Math.max(most, stepS(samples)), 0);
  const hasBursts = guests.some(({ demand }) => demand.bursts !== null);
  return {
    scenario: {
      name,
      story: storyOf(used.length, longest, hasBursts),
      durationS: Math.min(LONGEST_S, Math.max(60, endS)),
      ...{ host, guests },
    },
    inferred,
  };
}

function usable(traces: Traces, { range }: TraceOptions, inferred: string[]): readonly Used[] {
  const all = traces.guests.filter(({ memoryKib }) => memoryKib >= LEAST_MEMORY_KIB);
  const left = traces.guests.length - all.length;
  if (left > 0) inferred.push(`${left} guests have less than 64 MiB of memory; they are left out`);
  if (traces.skipped > 0) inferred.push(`${traces.skipped} rows say nothing about memory; they are left out`);
  let [fromMs, toMs] = [-Infinity, Infinity];
  if (range !== null) {
    let [firstMs, lastMs] = [Infinity, -Infinity];
    for (const { times } of all)
      for (const timeMs of times) [firstMs, lastMs] = [Math.min(firstMs, timeMs), Math.max(lastMs, timeMs)];
    if (firstMs <= lastMs) ({ fromMs, toMs } = range(firstMs, lastMs));
  }
  return all
    .map((trace) => ({ trace, samples: trace.sorted(fromMs, toMs) }))
    .filter(({ samples }) => samples.length > 0);
}

interface Context {
  readonly startMs: number;
  readonly endS: number;
  readonly addsBursts: boolean;
  readonly inferences: Inferences;
}

function specOf({ trace, samples }: Used, name: string, { startMs, endS, addsBursts, inferences }: Context): GuestSpec {
  const { memoryKib, cacheKib, swapKib } = trace;
  const infer = (sentence: string) => inferences.add(sentence, name);
  const step = stepS(samples);
  const bursts = addsBursts && step > LONG_STEP_S ? hiddenBursts(samples, memoryKib) : null;
  if (bursts !== null)
    infer('bursts are added, because the steps of the trace are too long to show them (--no-bursts leaves them out)');
  if (cacheKib === null) infer('its page cache is not in the trace; it reads files of half its memory');
  if (swapKib === null) infer('its swap is not in the trace; it gets none');
  infer('its balloon follows, its driver reports each 5 s, and it shares no pages; none of that is in the trace');
  const curve = new Curve(toleranceOf(memoryKib));
  const atS = (timeMs: number): number => Math.round((timeMs - startMs) / 1000);
  for (const { timeMs, usedKib } of samples)
    if (atS(timeMs) <= LONGEST_S) curve.add(atS(timeMs), Math.max(0, usedKib - visibleKernelKib(memoryKib)));
  const points = curve.points();
  const filesKib = Math.floor(cacheKib ?? memoryKib / 2);
  const [firstS, lastS] = [atS(samples[0]!.timeMs), atS(samples.at(-1)!.timeMs)];
  const isThere = firstS <= step;
  const startS = isThere ? 0 : firstS;
  return {
    ...{ name, memoryKib: Math.round(memoryKib), minKib: minOf(trace), swapKib: roundedUp(2 * (swapKib ?? 0)) },
    demand: {
      baseKib: points.length < 2 ? (points[0]?.sizeKib ?? 0) : 0,
      points: points.length < 2 ? [] : points,
      ...{ spread: 0, day: null, repeatS: 0, bursts, leakKib: 0 },
    },
    idle: 0.3,
    files: { sizeKib: filesKib, hotKib: Math.min(64 * MIB, filesKib), readsKib: 2 * MIB },
    balloon: { moves: 'follows', rateKib: 0, limitKib: 0, lateS: 0 },
    freePageReporting: false,
    statistics: { kind: 'linux', periodS: 5, lateS: 0, untilS: 0 },
    sharing: { image: '', share: 0, writes: 0.01 },
    node: null,
    life: {
      startS,
      // A guest that has one row was there for a moment.
      stopS: lastS < endS - 2 * Math.max(60, step) ? Math.max(lastS, startS + 1) : 0,
      ...{ rebootsS: [], migrateS: 0, migrationS: 60 },
    },
    running: isThere ? { sizeKib: Math.round(memoryKib), cacheKib: filesKib, residentKib: 0 } : null,
  };
}

function minOf({ minKib, memoryKib }: GuestTrace): number | null {
  return minKib === null ? null : Math.min(minKib, memoryKib);
}

function roundedUp(kib: number): number {
  return Math.ceil(kib / (256 * MIB)) * 256 * MIB;
}

function storyOf(guests: number, step: number, hasBursts: boolean): string {
  const bursts = hasBursts ? ' Bursts are added that such steps do not show.' : '';
  return `A trace of ${guests} ${guests === 1 ? 'guest' : 'guests'} in steps of ${Math.round(step)} s.${bursts}`;
}
