import type { Event } from '../../test/real-host/calibration/plan.ts';
import { lowWatermark } from '../../src/simulation/guest/watermark.ts';
import { PAGE_KIB } from '../../src/simulation/constants.ts';
import type { Column, Observed } from './observed.ts';

// What single recordings say about the constants of the simulator. Each function returns the values that it finds: none, one, or one for each
// time that the thing happened.

const MIB = 1024;

type Guest = Observed['guests'][string];

export function known(column: Column, second: number): number | null {
  return column[second] ?? null;
}

/** The difference of a column between two seconds; null: one of them is not known. */
export function gained(column: Column, from: number, to: number): number | null {
  const [first, last] = [known(column, from), known(column, to)];
  return first === null || last === null ? null : last - first;
}

/** A move of a balloon, from its target until it was reached. */
export interface Move {
  readonly guest: string;
  readonly fromMib: number;
  readonly toMib: number;
  /** Milliseconds; when it was first seen to move, and when it was there. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly sizes: readonly { readonly ms: number; readonly mib: number }[];
}

export function movesOf({ events, guests }: Observed): readonly Move[] {
  const targets = events.filter((event) => event.kind === 'target');
  return targets.flatMap((target): Move[] => {
    const next = targets.find(({ guest, ms }) => guest === target.guest && ms > target.ms)?.ms ?? Infinity;
    const sizes = events
      .filter((event) => event.kind === 'size')
      .filter(({ guest, ms }) => guest === target.guest && ms >= target.ms && ms < next);
    const fromKib = guests[target.guest]?.size.findLast((size, second) => size !== null && second * 1000 < target.ms - 500); // prettier-ignore
    const [first, last] = [sizes[0], sizes.at(-1)];
    if (fromKib === null || fromKib === undefined || first === undefined || last?.mib !== target.mib) return [];
    const fromMib = fromKib / MIB;
    // It began no earlier than the last moment at which nothing had moved.
    const beganMs = sizes.findLast(({ mib }) => Math.abs(mib - fromMib) < 1)?.ms ?? target.ms;
    return [{ guest: target.guest, fromMib, toMib: target.mib, beganMs, endedMs: last.ms, sizes }];
  });
}

const speedOf = ({ fromMib, toMib, beganMs, endedMs }: Move): number =>
  (Math.abs(toMib - fromMib) / Math.max(1, endedMs - beganMs)) * 1000;

/** MiB per second of moves that only free memory was needed for. */
export function inflationOfFree(observed: Observed): readonly number[] {
  return movesOf(observed)
    .filter((move) => move.toMib < move.fromMib && reclaimedOf(observed, move) === null)
    .map(speedOf);
}

export function deflation(observed: Observed): readonly number[] {
  return movesOf(observed).filter(({ fromMib, toMib }) => toMib > fromMib).map(speedOf); // prettier-ignore
}

/** The part of a move for which there was no free memory any more; null: there was enough. */
function reclaimedOf({ guests, plan }: Observed, move: Move) {
  const before = Math.floor(move.beganMs / 1000) - 1;
  const unused = known(guests[move.guest]!.unused, before);
  const memoryMib = plan.guests.find(({ name }) => name === move.guest)?.memoryMib ?? 0;
  if (unused === null) return null;
  const lowMib = (lowWatermark((memoryMib * MIB) / PAGE_KIB) * PAGE_KIB) / MIB;
  const freeMib = unused / MIB - lowMib;
  const mib = move.fromMib - move.toMib - freeMib;
  const emptyMib = move.fromMib - freeMib;
  const sinceMs = move.sizes.find((size) => size.mib <= emptyMib)?.ms;
  return mib < 16 || sinceMs === undefined || sinceMs >= move.endedMs ? null : { mib, sinceMs, before };
}

/** MiB per second of the part of moves that memory in use was needed for. */
export function inflationByReclaim(observed: Observed): readonly number[] {
  return movesOf(observed).flatMap((move) => {
    const part = reclaimedOf(observed, move);
    return part === null ? [] : [(part.mib / (move.endedMs - part.sinceMs)) * 1000];
  });
}

/** The share of that time in which tasks of the guest waited for memory. */
export function stallsOfInflation(observed: Observed): readonly number[] {
  return movesOf(observed).flatMap((move) => {
    const part = reclaimedOf(observed, move);
    if (part === null) return [];
    const stalled = gained(observed.guests[move.guest]!.stallMs, part.before, Math.ceil(move.endedMs / 1000) + 2);
    return stalled === null ? [] : [Math.min(1, stalled / (move.endedMs - part.sinceMs))];
  });
}

/** The share of what was reclaimed that the host did not get, although QEMU no longer had it. */
export function tornOfInflation(observed: Observed): readonly number[] {
  return movesOf(observed).flatMap((move) => {
    const part = reclaimedOf(observed, move);
    if (part === null) return [];
    const after = Math.ceil(move.endedMs / 1000) + 3;
    const lost = gained(observed.guests[move.guest]!.rss, part.before, after);
    const freed = gained(observed.host.taken, part.before, after);
    return lost === null || freed === null ? [] : [(freed - lost) / MIB / part.mib];
  });
}

/** What each guest had before its programs did anything. */
function freshGuests({ plan, guests, events }: Observed) {
  return plan.guests.flatMap((guest) => {
    const columns: Guest = guests[guest.name]!;
    const firstHeapMs = events.find((event) => event.kind === 'heap' && event.guest === guest.name)?.ms ?? Infinity;
    const second = columns.unused.findIndex((unused) => unused !== null);
    const at = (column: Column): number | null => known(column, second);
    const [unused, available, usable] = [at(columns.unused), at(columns.available), at(columns.usable)];
    // Statistics are a second old, and files may be read already.
    if (second < 0 || second * 1000 > firstHeapMs || unused === null || available === null || usable === null)
      return [];
    const process = events.find((event) => event.kind === 'process' && event.guest === guest.name);
    const [guestKib, otherKib] = process?.kind === 'process' ? [process.guestKib, process.otherKib] : [null, null];
    return [{ memoryMib: guest.memoryMib, unused, available, usable, guestKib, otherKib }];
  });
}

/** What the kernel of a guest keeps, by its memory; MiB. */
export function kernelSizes(observed: Observed): readonly { readonly memoryMib: number; readonly keptMib: number }[] {
  return freshGuests(observed).map(({ memoryMib, unused }) => ({ memoryMib, keptMib: memoryMib - unused / MIB }));
}

export function hiddenShares(observed: Observed): readonly number[] {
  return freshGuests(observed).map(({ memoryMib, unused, available }) => (memoryMib * MIB - available) / (memoryMib * MIB - unused)); // prettier-ignore
}

/** MiB that QEMU has besides the guest's memory, with its cache of translated code. */
export function processSizes(observed: Observed): readonly number[] {
  return freshGuests(observed).flatMap(({ otherKib }) => (otherKib === null ? [] : [otherKib / MIB]));
}

/** MiB that booting touches besides what the kernel keeps. */
export function bootSizes(observed: Observed): readonly number[] {
  return freshGuests(observed).flatMap(({ guestKib, memoryMib, unused }) => (guestKib === null ? [] : [(guestKib + unused) / MIB - memoryMib])); // prettier-ignore
}

/** Memory that the kernel of a guest keeps free, as a multiple of the watermark that the simulator computes. */
export function watermarks(observed: Observed): readonly number[] {
  return freshGuests(observed)
    .filter(({ memoryMib }) => memoryMib >= 560)
    .map(
      ({ memoryMib, unused, usable }) => (unused - usable) / (lowWatermark((memoryMib * MIB) / PAGE_KIB) * PAGE_KIB),
    );
}

/** Seconds from the start of a guest until its programs ran. */
export function bootTimes({ plan, events }: Observed): readonly number[] {
  return plan.guests.flatMap(({ name }) => {
    const at = (kind: Event['kind']) => events.find((event) => event.kind === kind && 'guest' in event && event.guest === name)?.ms; // prettier-ignore
    const [started, booted] = [at('started'), at('booted')];
    return started === undefined || booted === undefined ? [] : [(booted - started) / 1000];
  });
}

/** Seconds. */
export function statisticsAges({ guests }: Observed): readonly number[] {
  return Object.values(guests).flatMap(({ statsAgeMs }) => statsAgeMs.filter((ms) => ms !== null && ms > 0).map((ms) => ms! / 1000)); // prettier-ignore
}

/** What QEMUs share: how much the sum of their resident memory is above what the host has lost, MiB for each but the first. */
export function sharedPrograms({ plan, host, guests }: Observed): readonly number[] {
  const all = Object.values(guests);
  if (all.length < 2) return [];
  const isQuiet = (second: number): boolean => known(host.swap, second) === 0 && known(host.ksmSharingPages, second) === 0; // prettier-ignore
  const seconds = Array.from({ length: plan.seconds }, (_, second) => second).filter(isQuiet);
  return seconds.flatMap((second) => {
    const sizes = all.map(({ rss }) => known(rss, second));
    const taken = known(host.taken, second);
    if (taken === null || sizes.includes(null)) return [];
    const sum = sizes.reduce((total: number, size) => total + size!, 0);
    return [(sum - taken) / MIB / (all.length - 1)];
  });
}
