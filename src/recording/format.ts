import { z } from 'zod';
import type { ParamOverride } from '../model/parameter.ts';
import { MAX_KEPT_SNAPSHOTS } from '../model/history-need.ts';
import { NEWER_GUEST_FIELDS, NEWER_HOST_FIELDS } from '../model/newer-fields.ts';
import { withSuccessors } from '../model/successors.ts';
import { layoutOf, type FieldValue, type Layout, type Sample } from '../model/field.ts';
import type { CollectProblem, GuestSnapshot, Snapshot } from '../model/snapshot.ts';
import { memorySchema } from './memory.ts';
import { decodePolicyLine, MAX_ENTRIES, type PolicyLine } from './policy-line.ts';

/** The version that this program writes. Readers reject unknown versions. */
export const RECORDING_VERSION = 1;

const paramTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('label'), label: z.string() }),
  z.object({ kind: z.literal('guest'), pattern: z.string() }),
]);

/** Overrides of the policy's parameters, each before the ones that it takes precedence over. */
const paramOverrides = z.array(
  z.object({ name: z.string(), target: paramTarget, given: z.union([z.number(), z.string()]) }),
);

/** The first line of a recording. */
export const headerSchema = z.object({
  ballast_recording: z.literal(RECORDING_VERSION),
  /** ISO 8601, UTC. */
  started: z.string(),
  /** Values returned by `(Host.Prop …)`. */
  host_props: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  collect_interval_ms: z.number().positive(),
  /** null: recorded without a policy. */
  policy_interval_ms: z.number().positive().nullable(),
  /** Number of samples that `StatAvg` uses. Memory is reserved for so many. */
  history: z.int().positive().max(MAX_KEPT_SNAPSHOTS),
  /** Number of samples kept for `:last` and `:over`. Absent in older recordings: `history`, whatever the policy asked for. */
  kept: z.int().positive().max(MAX_KEPT_SNAPSHOTS).optional(),
  /** Names of the values in each host sample and each guest sample, in order. */
  host_fields: z.array(z.string()),
  guest_fields: z.array(z.string()),
  /** Names of the guest properties other than name and uuid, in order. */
  guest_props: z.array(z.string()),
  /** The policy's variables and timers at the start of this file. */
  memory: memorySchema,
  /** Overrides of the policy's parameters at the start of this file. Absent: none. */
  parameters: paramOverrides.optional(),
});

export type RecordingHeader = z.infer<typeof headerSchema>;

/** One line per interval. Names are short because a recording can have millions of lines. */
export interface IntervalLine {
  /** Milliseconds since the epoch. */
  readonly t: number;
  /** Set on the first lines of a file that only provide history for `StatAvg`. */
  readonly context?: true;
  readonly host: Sample | null;
  /** [name, uuid, properties, sample] */
  readonly guests: readonly (readonly [string, string, readonly (string | number | null)[], Sample])[];
  readonly problems?: readonly CollectProblem[];
  /** Present when they differ from the previous line. */
  readonly parameters?: readonly ParamOverride[];
  /** Present when the policy was evaluated in this interval. */
  readonly policy?: PolicyLine;
  /** Present when guards acted in an interval without an evaluation. */
  readonly relief?: PolicyLine;
}

/** One interval, as written and read back. */
export interface RecordedInterval {
  readonly snapshot: Snapshot;
  readonly context: boolean;
  readonly policy: PolicyLine | null;
  /** What guards did in an interval without an evaluation. Absent: nothing. */
  readonly relief?: PolicyLine;
  /** Overrides of the policy's parameters from this interval on. Absent: unchanged. */
  readonly parameters?: readonly ParamOverride[];
}

export interface Layouts {
  readonly host: Layout;
  readonly guest: Layout;
}

export function layoutsOf(header: RecordingHeader): Layouts {
  return {
    host: withSuccessors(layoutOf([...header.host_fields, ...missing(header.host_fields, NEWER_HOST_FIELDS)])),
    guest: layoutOf([...header.guest_fields, ...missing(header.guest_fields, NEWER_GUEST_FIELDS)]),
  };
}

/** Gives the samples of a recording the fields that it lacks, as {@link layoutsOf} has them: they are nil. */
export function missingFieldsAdder(header: RecordingHeader): (snapshot: Snapshot) => Snapshot {
  const host = missing(header.host_fields, NEWER_HOST_FIELDS).map(() => null);
  const guest = missing(header.guest_fields, NEWER_GUEST_FIELDS).map(() => null);
  if (host.length === 0 && guest.length === 0) return (snapshot) => snapshot;
  return (snapshot) => ({
    ...snapshot,
    host: snapshot.host && [...snapshot.host, ...host],
    guests:
      guest.length === 0
        ? snapshot.guests
        : snapshot.guests.map((each) => ({ ...each, sample: [...each.sample, ...guest] })),
  });
}

function missing(recorded: readonly string[], newer: readonly string[]): readonly string[] {
  return newer.filter((name) => !recorded.includes(name));
}

/** JSON cannot represent infinities, NaN and undefined: they are written as null. */
function writable(value: FieldValue | undefined): FieldValue {
  return value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value;
}

export function encodeInterval(interval: RecordedInterval, guestProps: readonly string[]): string {
  const { snapshot, context, policy, relief, parameters } = interval;
  const line: IntervalLine = {
    t: snapshot.timeMs,
    ...(context && { context }),
    host: snapshot.host?.map(writable) ?? null,
    guests: snapshot.guests.map(({ name, uuid, props, sample }) => [
      name,
      uuid,
      guestProps.map((prop) => props[prop] ?? null),
      sample.map(writable),
    ]),
    ...(snapshot.problems.length > 0 && { problems: snapshot.problems }),
    ...(parameters && { parameters: parameters.map(plainOverride) }),
    ...(policy !== null && { policy }),
    ...(relief && { relief }),
  };
  return JSON.stringify(line);
}

/** Validated by hand: the hot path of a replay. @throws Error that describes what is wrong with the line */
export function decodeInterval(text: string, header: RecordingHeader): RecordedInterval {
  const line = JSON.parse(text) as IntervalLine;
  if (typeof line !== 'object' || line === null || typeof line.t !== 'number')
    throw new Error('"t", the time, is missing');
  if (!(Math.abs(line.t) <= LATEST_MS)) throw new Error(`"t", ${line.t}, is not a valid time`);
  if (line.host !== null && !isRow(line.host, header.host_fields.length)) {
    throw new Error(`"host" should be a list of ${header.host_fields.length} values, ${ROW}`);
  }
  if (!Array.isArray(line.guests)) throw new Error('"guests" should be a list');
  if (line.guests.length > MAX_ENTRIES)
    throw new Error(`"guests" has ${line.guests.length} guests; at most ${MAX_ENTRIES} are read`);
  const { problems = [] } = line;
  if (!Array.isArray(problems) || problems.length > MAX_ENTRIES || !problems.every(isProblem))
    throw new Error('"problems" should be a list of collect problems');
  return {
    context: line.context === true,
    policy: line.policy === undefined || line.policy === null ? null : decodePolicyLine(line.policy),
    ...(line.relief !== undefined && { relief: decodePolicyLine(line.relief, 'relief') }),
    ...(line.parameters !== undefined && { parameters: decodeParameters(line.parameters) }),
    snapshot: {
      timeMs: line.t,
      host: line.host,
      guests: line.guests.map((guest, index) => decodeGuest(guest, index, header)),
      problems,
    },
  };
}

/** Only the properties that are recorded. */
export function plainOverride({ name, target, given }: ParamOverride): ParamOverride {
  return { name, target, given };
}

function decodeParameters(parameters: unknown): readonly ParamOverride[] {
  const parsed = paramOverrides.safeParse(parameters);
  if (!parsed.success) throw new Error('"parameters" should be a list of parameter settings');
  return parsed.data;
}

function decodeGuest(guest: IntervalLine['guests'][number], index: number, header: RecordingHeader): GuestSnapshot {
  const [name, uuid, values, sample] = Array.isArray(guest) ? guest : [];
  if (typeof name !== 'string' || typeof uuid !== 'string') throw new Error(`guest ${index + 1} has no name or uuid`);
  const { guest_props, guest_fields } = header;
  if (!isRow(values, guest_props.length))
    throw new Error(`guest ${index + 1} should have ${guest_props.length} properties, ${ROW}`);
  if (!isRow(sample, guest_fields.length))
    throw new Error(`guest ${index + 1} should have ${guest_fields.length} values, ${ROW}`);
  // Old recordings have no labels.
  const props: Record<string, string | number | null> = { name, uuid, labels: '' };
  for (let at = 0; at < values.length; at++) props[header.guest_props[at]!] = values[at]!;
  return { name, uuid, props, sample };
}

/** Largest valid Date, milliseconds since the epoch. */
const LATEST_MS = 8.64e15;

/** What a row may contain, for messages. */
const ROW = 'each a number, a text, true, false or null';

function isRow(row: unknown, length: number): row is FieldValue[] {
  if (!Array.isArray(row) || row.length !== length) return false;
  for (const value of row) if (typeof value === 'object' && value !== null) return false;
  return true;
}

function isProblem(problem: unknown): boolean {
  const { collector, guest, message } = (problem ?? {}) as Partial<CollectProblem>;
  if (typeof collector !== 'string' || typeof message !== 'string' || guest === undefined) return false;
  return guest === null || (typeof guest.name === 'string' && typeof guest.uuid === 'string');
}
