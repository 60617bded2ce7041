import { z } from 'zod';
import type { Decision, Held, Outcome } from '../model/decision.ts';
import type { ParamOverride } from '../model/parameter.ts';
import { layoutOf, type FieldValue, type Layout, type Sample } from '../model/field.ts';
import type { CollectProblem, GuestSnapshot, Snapshot } from '../model/snapshot.ts';
import { memorySchema } from './memory.ts';

/** The version that this program writes. A reader takes only versions that it knows. */
export const RECORDING_VERSION = 1;

const paramTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('label'), label: z.string() }),
  z.object({ kind: z.literal('guest'), pattern: z.string() }),
]);

/** What was set for the policy's parameters, what came first before what it hid. */
const paramOverrides = z.array(
  z.object({ name: z.string(), target: paramTarget, given: z.union([z.number(), z.string()]) }),
);

/** The first line of a recording. */
export const headerSchema = z.object({
  ballast_recording: z.literal(RECORDING_VERSION),
  /** ISO 8601, UTC. */
  started: z.string(),
  /** What `(Host.Prop …)` answers. */
  host_props: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  collect_interval_ms: z.number().positive(),
  /** null: no policy was evaluated while this was recorded. */
  policy_interval_ms: z.number().positive().nullable(),
  /** Samples that `StatAvg` looked at. */
  history: z.int().positive(),
  /** Names of the values in each host sample and each guest sample, in their order. */
  host_fields: z.array(z.string()),
  guest_fields: z.array(z.string()),
  /** Names of the guest properties other than name and uuid, in their order. */
  guest_props: z.array(z.string()),
  /** The policy's variables and timers when this file was begun. */
  memory: memorySchema,
  /** What was set for the policy's parameters then. Absent: nothing. */
  parameters: paramOverrides.optional(),
});

export type RecordingHeader = z.infer<typeof headerSchema>;

/** One interval, one line. Short names: a recording has millions of them. */
export interface IntervalLine {
  /** Milliseconds since the epoch. */
  readonly t: number;
  /** Set on lines that stand at the head of a file only to give `StatAvg` its history. */
  readonly context?: true;
  readonly host: Sample | null;
  /** [name, uuid, properties, sample] */
  readonly guests: readonly (readonly [string, string, readonly (string | number | null)[], Sample])[];
  readonly problems?: readonly CollectProblem[];
  /** There when they differ from those of the line before. */
  readonly parameters?: readonly ParamOverride[];
  /** There when the policy was evaluated in this interval. */
  readonly policy?: PolicyLine;
}

export interface PolicyLine {
  readonly requests: Decision['requests'];
  readonly errors: Decision['errors'];
  readonly held: readonly Held[];
  readonly outcomes: readonly Outcome[];
}

/** One interval as it is written and as it is read back. */
export interface RecordedInterval {
  readonly snapshot: Snapshot;
  readonly context: boolean;
  readonly policy: PolicyLine | null;
  /** What is set for the policy's parameters from this interval on. Absent: what was set before. */
  readonly parameters?: readonly ParamOverride[];
}

export interface Layouts {
  readonly host: Layout;
  readonly guest: Layout;
}

export function layoutsOf(header: RecordingHeader): Layouts {
  return { host: layoutOf(header.host_fields), guest: layoutOf(header.guest_fields) };
}

/** An infinite or undefined number has no JSON form; a collector that gives one has nothing to say. */
function writable(value: FieldValue | undefined): FieldValue {
  return value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value;
}

export function encodeInterval(interval: RecordedInterval, guestProps: readonly string[]): string {
  const { snapshot, context, policy, parameters } = interval;
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
  };
  return JSON.stringify(line);
}

/** @throws Error that says what is wrong with the line; checked by hand because this is the hot path of a replay. */
export function decodeInterval(text: string, header: RecordingHeader): RecordedInterval {
  const line = JSON.parse(text) as IntervalLine;
  if (typeof line !== 'object' || line === null || typeof line.t !== 'number')
    throw new Error('"t", the time, is missing');
  if (!(Math.abs(line.t) <= LATEST_MS)) throw new Error(`"t", ${line.t}, is not a valid time`);
  if (line.host !== null && !isRow(line.host, header.host_fields.length)) {
    throw new Error(`"host" should be a list of ${header.host_fields.length} values`);
  }
  if (!Array.isArray(line.guests)) throw new Error('"guests" should be a list');
  const { problems = [] } = line;
  if (!Array.isArray(problems) || !problems.every(isProblem))
    throw new Error('"problems" should be a list of collect problems');
  return {
    context: line.context === true,
    policy: line.policy ?? null,
    ...(line.parameters !== undefined && { parameters: decodeParameters(line.parameters) }),
    snapshot: {
      timeMs: line.t,
      host: line.host,
      guests: line.guests.map((guest, index) => decodeGuest(guest, index, header)),
      problems,
    },
  };
}

/** Only what a recording keeps of it. */
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
  if (!isRow(values, header.guest_props.length) || !isRow(sample, header.guest_fields.length)) {
    throw new Error(`guest ${index + 1} should have ${header.guest_fields.length} values`);
  }
  // Recordings from before guests had labels do not have them.
  const props: Record<string, string | number | null> = { name, uuid, labels: '' };
  for (let at = 0; at < values.length; at++) props[header.guest_props[at]!] = values[at]!;
  return { name, uuid, props, sample };
}

/** What a date can hold. */
const LATEST_MS = 8.64e15;

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
