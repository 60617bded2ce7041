import { z } from 'zod';
import type { PolicyScalar } from '../model/control.ts';
import type { PolicyMemory } from '../model/memory.ts';
import { splitOldEvaluation, splitOldVariables } from '../model/old-timers.ts';
import { NO_TIMERS, type Timer, type TimerMap } from '../model/timers.ts';

/** Numbers that JSON cannot represent exactly. */
const ODD_NUMBERS = { inf: Infinity, '-inf': -Infinity, nan: NaN, '-0': -0 } as const;
type OddNumber = keyof typeof ODD_NUMBERS;
const ODD_NAMES = Object.keys(ODD_NUMBERS) as OddNumber[];

/** The stored form of a policy variable. */
type StoredScalar = number | string | boolean | null | { num: OddNumber } | readonly StoredScalar[];

/** Nesting depth of lists. Policies stay below it; a malicious file must not overflow the stack. */
const MAX_LIST_DEPTH = 128;

const scalar = z.custom<StoredScalar>((value) => isStored(value, MAX_LIST_DEPTH), 'not a policy value');
const vars = z.record(z.string(), scalar);

/** `held-for`: the first and last evaluation in which its condition held. `every`, `cooldown`: the last run of the body. */
const timer = z.union([z.tuple([z.number(), z.number()]), z.number()]);
type StoredTimer = z.infer<typeof timer>;
const timerMap = z.record(z.string(), timer);
type StoredTimers = z.infer<typeof timerMap>;

/** The policy's variables and timers at the start of a recording, stored in its first line. */
export const memorySchema = z.object({
  host: vars,
  guests: z.record(z.string(), vars),
  /** Milliseconds since the epoch. Absent in older recordings, which store timers among the variables. */
  timers: z
    .object({ evaluated: z.number().nullable(), host: timerMap, guests: z.record(z.string(), timerMap) })
    .optional(),
});
type StoredMemory = z.infer<typeof memorySchema>;

function isStored(value: unknown, depth: number): boolean {
  if (Array.isArray(value)) return depth > 0 && value.every((item) => isStored(item, depth - 1));
  if (typeof value === 'object' && value !== null) return 'num' in value && ODD_NAMES.includes(value.num as OddNumber);
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

export function encodeMemory({ host, guests, timers }: PolicyMemory): StoredMemory {
  return {
    host: encodeVars(host),
    guests: Object.fromEntries([...guests].map(([uuid, own]) => [uuid, encodeVars(own)])),
    timers: {
      evaluated: timers.evaluatedMs,
      host: encodeTimers(timers.host),
      guests: Object.fromEntries([...timers.guests].map(([uuid, own]) => [uuid, encodeTimers(own)])),
    },
  };
}

export function decodeMemory(memory: StoredMemory): PolicyMemory {
  const { timers } = memory;
  const variables = {
    host: decodeVars(memory.host),
    guests: new Map(Object.entries(memory.guests).map(([uuid, own]) => [uuid, decodeVars(own)])),
    timers: NO_TIMERS,
  };
  if (timers === undefined) return withOldTimers(variables);
  return {
    ...variables,
    timers: {
      evaluatedMs: timers.evaluated,
      host: decodeTimers(timers.host),
      guests: new Map(Object.entries(timers.guests).map(([uuid, own]) => [uuid, decodeTimers(own)])),
    },
  };
}

/** The memory of an old recording, which stores timers among the variables. */
function withOldTimers(memory: PolicyMemory): PolicyMemory {
  const { vars, evaluatedMs } = splitOldEvaluation(memory.host);
  const host = splitOldVariables(vars);
  const guests = [...memory.guests].map(([uuid, own]) => [uuid, splitOldVariables(own)] as const);
  return {
    host: host.vars,
    guests: new Map(guests.map(([uuid, own]) => [uuid, own.vars])),
    timers: {
      evaluatedMs,
      host: host.timers,
      guests: new Map(guests.map(([uuid, own]) => [uuid, own.timers])),
    },
  };
}

function encodeTimers(timers: TimerMap): StoredTimers {
  return Object.fromEntries(
    [...timers].map(([name, timer]): [string, StoredTimer] => [
      name,
      'ranMs' in timer ? timer.ranMs : [timer.sinceMs, timer.seenMs],
    ]),
  );
}

function decodeTimers(timers: StoredTimers): TimerMap {
  return new Map(
    Object.entries(timers).map(([name, stored]): [string, Timer] => [
      name,
      typeof stored === 'number' ? { ranMs: stored } : { sinceMs: stored[0], seenMs: stored[1] },
    ]),
  );
}

type Vars = ReadonlyMap<string, PolicyScalar>;

function encodeVars(vars: Vars): Record<string, StoredScalar> {
  return Object.fromEntries([...vars].map(([name, value]) => [name, encodeScalar(value)]));
}

function decodeVars(vars: Record<string, StoredScalar>): Vars {
  return new Map(Object.entries(vars).map(([name, value]) => [name, decodeScalar(value)]));
}

function encodeScalar(value: PolicyScalar): StoredScalar {
  if (typeof value === 'number') {
    const num = ODD_NAMES.find((name) => Object.is(ODD_NUMBERS[name], value));
    return num === undefined ? value : { num };
  }
  return typeof value === 'object' && value !== null ? value.map(encodeScalar) : value;
}

function decodeScalar(value: StoredScalar): PolicyScalar {
  if (typeof value !== 'object' || value === null) return value;
  return 'num' in value ? ODD_NUMBERS[value.num] : value.map(decodeScalar);
}
