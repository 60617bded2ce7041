import type { Sample } from '../../model/field.ts';
import { KEPT_DAYS, type Past } from '../../model/past.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Entity } from '../values/entity.ts';
import { asNumber, describe, type Value } from '../values/values.ts';
import type { MethodContext } from './method-context.ts';
import { fieldIndex, type GivenWindow, type MethodFunction } from './method.ts';

// Statistics over an entity's samples: the current sample, or a window of the most recent ones. Samples in which the field
// is nil are skipped. If the clock was set back between two samples, the elapsed time between them is 0.

/** @param otherwise the value if the sample does not have the field; as in MOM, a field that is nil stays nil */
export function stat(
  machine: MethodContext,
  entity: Entity,
  index: number,
  name: Value,
  site: number,
  otherwise: Value = null,
): Value {
  if (entity.samples.length === 0) return machine.fail(catalogue.noSamples(String(name), entity.label), site);
  const value = entity.last[index];
  return value === undefined ? otherwise : value;
}

/** The mean over the recent samples. The fast path for the most common call: nearly always every sample has a number. */
export function statAverage(machine: MethodContext, entity: Entity, index: number, name: Value, site: number): number {
  const { samples, firstRecent } = entity;
  const { length } = samples;
  let sum = 0;
  for (let at = firstRecent; at < length; at += 1) {
    const value = (samples[at] as Sample)[index];
    if (typeof value !== 'number') return averageOfSome(machine, entity, index, name, firstRecent, site);
    sum += value;
  }
  return length > firstRecent
    ? sum / (length - firstRecent)
    : averageOfSome(machine, entity, index, name, firstRecent, site);
}

/**
 * The mean over the samples that have the field and are not nil; 0 when there is none.
 * @param from index of the first sample
 */
function averageOfSome(
  machine: MethodContext,
  entity: Entity,
  index: number,
  name: Value,
  from: number,
  site: number,
): number {
  const { samples } = entity;
  let sum = 0;
  let count = 0;
  for (let at = from; at < samples.length; at += 1) {
    const value = (samples[at] as Sample)[index];
    if (typeof value === 'number') {
      sum += value;
      count += 1;
    } else if (typeof value === 'boolean') {
      sum += value ? 1 : 0;
      count += 1;
    } else if (value !== null && value !== undefined) {
      return machine.fail(catalogue.noNumber('StatAvg', String(name), describe(value)), site);
    }
  }
  if (count > 0) return sum / count;
  return samples.length > 0 ? 0 : machine.fail(catalogue.noSamples(String(name), entity.label), site);
}

/** A field in the samples of a window. */
interface Series {
  readonly machine: MethodContext;
  readonly entity: Entity;
  readonly method: string;
  readonly name: Value;
  readonly index: number;
  /** The first sample that counts. */
  readonly from: number;
  readonly site: number;
}

/** The field as a number; null where it is nil. */
function numberIn({ machine, entity, method, name, index, site }: Series, at: number): number | null {
  const value = (entity.samples[at] as Sample)[index];
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === null || value === undefined) return null;
  return machine.fail(catalogue.noNumber(method, String(name), describe(value)), site);
}

/** Milliseconds from the sample before to this one. */
function stepMs({ times }: Entity, at: number): number {
  return Math.max(0, (times[at] as number) - (times[at - 1] as number));
}

/** Seconds from one sample to a later one. */
function secondsBetween(entity: Entity, from: number, to: number): number {
  let ms = 0;
  for (let at = from + 1; at <= to; at += 1) ms += stepMs(entity, at);
  return ms / 1000;
}

/** The first sample of a window. */
function firstOf(
  machine: MethodContext,
  entity: Entity,
  method: string,
  window: GivenWindow | null,
  site: number,
): number {
  if (window === null) return entity.firstRecent;
  const { kind, value } = window;
  const count = entity.samples.length;
  if (kind === 'last') {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
      return machine.fail(catalogue.badLast(method, describe(value)), site);
    return Math.max(0, count - value);
  }
  if (typeof value !== 'number' || !(value >= 0)) return machine.fail(catalogue.badOver(method, describe(value)), site);
  let first = Math.max(0, count - 1);
  for (let ms = 0; first > 0; first -= 1) {
    ms += stepMs(entity, first);
    if (ms / 1000 > value) break;
  }
  return first;
}

function minimum(series: Series): number | null {
  let least: number | null = null;
  for (let at = series.from; at < series.entity.samples.length; at += 1) {
    const value = numberIn(series, at);
    if (value !== null && (least === null || value < least)) least = value;
  }
  return least;
}

function maximum(series: Series): number | null {
  let greatest: number | null = null;
  for (let at = series.from; at < series.entity.samples.length; at += 1) {
    const value = numberIn(series, at);
    if (value !== null && (greatest === null || value > greatest)) greatest = value;
  }
  return greatest;
}

/** The first and last sample with a value, and the increase between them. */
function change(series: Series): { readonly first: number; readonly last: number; readonly by: number } | null {
  let first = -1;
  let last = -1;
  let [before, after] = [0, 0];
  for (let at = series.from; at < series.entity.samples.length; at += 1) {
    const value = numberIn(series, at);
    if (value === null) continue;
    if (first === -1) [first, before] = [at, value];
    [last, after] = [at, value];
  }
  return first === -1 ? null : { first, last, by: after - before };
}

function rate(series: Series): number | null {
  const found = change(series);
  if (found === null) return null;
  const seconds = secondsBetween(series.entity, found.first, found.last);
  return seconds > 0 ? found.by / seconds : null;
}

/** The slope of the least-squares line. */
function trend(series: Series): number | null {
  const { entity, from } = series;
  const values: number[] = [];
  const seconds: number[] = [];
  let ms = 0;
  for (let at = from; at < entity.samples.length; at += 1) {
    if (values.length > 0) ms += stepMs(entity, at);
    const value = numberIn(series, at);
    if (value === null) continue;
    values.push(value);
    seconds.push(ms / 1000);
  }
  // Times never decrease and start at 0: there is no slope only if the last is 0 too.
  if ((seconds.at(-1) ?? 0) === 0) return null;
  const [meanValue, meanSeconds] = [mean(values), mean(seconds)];
  let [covariance, variance] = [0, 0];
  for (let at = 0; at < values.length; at += 1) {
    const distance = (seconds[at] as number) - meanSeconds;
    covariance += distance * ((values[at] as number) - meanValue);
    variance += distance * distance;
  }
  return covariance / variance;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Applies to any field, including texts. */
function age({ entity, index, from }: Series): number | null {
  const newest = entity.samples.length - 1;
  for (let at = newest; at >= from; at -= 1) {
    if (((entity.samples[at] as Sample)[index] ?? null) !== null) return secondsBetween(entity, at, newest);
  }
  return null;
}

/** A method over the samples of a window. */
function overWindow(method: string, read: (series: Series) => number | null): MethodFunction {
  return (machine, entity, [field = null], site, window) => {
    const index = fieldIndex(machine, entity, method, field, site);
    if (entity.samples.length === 0) return machine.fail(catalogue.noSamples(String(field), entity.label), site);
    const from = firstOf(machine, entity, method, window, site);
    machine.step(entity.samples.length - from, site);
    return read({ machine, entity, method, name: field, index, from, site });
  };
}

/** A method over the complete hours of the last days. */
function overDays(
  method: string,
  read: (past: Past, field: string, share: number, seconds: number) => number | null,
): MethodFunction {
  return (machine, entity, [field = null, share = null], site, window) => {
    const index = fieldIndex(machine, entity, method, field, site);
    if (typeof entity.last[index] === 'string')
      return machine.fail(catalogue.noNumber(method, String(field), describe(entity.last[index])), site);
    const part = Number(asNumber(share) ?? machine.fail(catalogue.shareWanted(method, describe(share)), site));
    if (!(part >= 0 && part <= 1)) return machine.fail(catalogue.badShare(method, describe(share)), site);
    const seconds = window?.value ?? KEPT_DAYS * 86_400;
    if (typeof seconds !== 'number' || !(seconds >= 0))
      return machine.fail(catalogue.badOver(method, describe(seconds)), site);
    machine.step(KEPT_DAYS * 24, site);
    const { past } = entity;
    if (past === null) return null;
    if (!past.keeps(String(field))) return machine.fail(catalogue.fieldInQuotes(method), site);
    return read(past, String(field), part, seconds);
  };
}

export const HISTORY_FUNCTIONS = {
  Stat: (machine, entity, [name, otherwise], site) =>
    stat(machine, entity, fieldIndex(machine, entity, 'Stat', name, site), name ?? null, site, otherwise),
  StatAvg: overWindow('StatAvg', (series) =>
    averageOfSome(series.machine, series.entity, series.index, series.name, series.from, series.site),
  ),
  StatMin: overWindow('StatMin', minimum),
  StatMax: overWindow('StatMax', maximum),
  StatDelta: overWindow('StatDelta', (series) => change(series)?.by ?? null),
  StatRate: overWindow('StatRate', rate),
  StatTrend: overWindow('StatTrend', trend),
  StatAge: overWindow('StatAge', age),
  StatPercentile: overDays('StatPercentile', (past, field, share, seconds) => past.percentile(field, share, seconds)),
  StatSameHour: overDays('StatSameHour', (past, field, share) => past.sameHour(field, share)),
} satisfies Readonly<Record<string, MethodFunction>>;
