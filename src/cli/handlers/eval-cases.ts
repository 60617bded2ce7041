import type { ControlRequest, PolicyScalar } from '../../model/control.ts';
import type { PolicyError } from '../../model/decision.ts';
import { layoutOf, type FieldValue, type Layout, type Sample } from '../../model/field.ts';
import { EMPTY_MEMORY, type MemoryWrites, type PolicyMemory } from '../../model/memory.ts';
import type { Past } from '../../model/past.ts';
import type { EntityView, GuestView, PolicyInput, Props } from '../../model/snapshot.ts';
import {
  Callable,
  Entity,
  evaluate,
  HostNode,
  isList,
  loadPolicy,
  policyError,
  Row,
  type EvaluateOptions,
  type Value,
} from '../../policy/index.ts';
import { constantPast } from '../../tooling/testing/constant-past.ts';

/** One validated line of a case file. */
interface Case {
  readonly policy: string;
  readonly host: CaseEntity | null;
  readonly guests: readonly CaseEntity[];
}

interface CaseEntity {
  readonly props: Props;
  readonly stats: readonly Readonly<Record<string, FieldValue>>[];
  /** The time of each sample in `stats`, milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly vars: Readonly<Record<string, PolicyScalar>>;
  /** The value of fields in every complete hour of the last days. */
  readonly past: Readonly<Record<string, number>>;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

interface CaseError {
  readonly phase: 'parse' | 'eval';
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly guest: string | null;
}

/** The result of one case. The output has the keys in this order. */
export interface CaseOutcome {
  readonly results: readonly Json[];
  readonly host_controls: Readonly<Record<string, Json>>;
  readonly guest_controls: readonly Readonly<Record<string, Json>>[];
  readonly host_vars: Readonly<Record<string, Json>>;
  readonly guest_vars: readonly Readonly<Record<string, Json>>[];
  readonly errors: readonly CaseError[];
}

/** Evaluates one line of a case file. Invalid lines become errors of the outcome, never exceptions. */
export function runCase(line: string, options: Pick<EvaluateOptions, 'tracer'> = {}): CaseOutcome {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    return failed(`invalid JSON: ${(error as Error).message}`);
  }
  const read = readCase(parsed);
  return typeof read === 'string' ? failed(`invalid case: ${read}`) : evaluateCase(read, options);
}

function failed(message: string): CaseOutcome {
  const error: CaseError = { phase: 'parse', message, line: null, column: null, guest: null };
  return { results: [], host_controls: {}, guest_controls: [], host_vars: {}, guest_vars: [], errors: [error] };
}

function evaluateCase({ policy, host, guests }: Case, options: EvaluateOptions): CaseOutcome {
  const views = guests.map(guestView);
  const memory: PolicyMemory = {
    ...EMPTY_MEMORY,
    host: new Map(Object.entries(host?.vars ?? {})),
    guests: new Map(views.map(({ uuid }, index) => [uuid, new Map(Object.entries(guests[index]?.vars ?? {}))])),
  };
  const { program, diagnostics } = loadPolicy([{ file: 'policy', text: policy }]);
  if (!program) return outcome([], [], views, memory, null, diagnostics.map(policyError));
  const hostLayout = layoutFor(host ? [host] : []);
  const guestLayout = layoutFor(guests);
  const input: PolicyInput = {
    timeMs: host?.times.at(-1) ?? guests.find(({ times }) => times.length > 0)?.times.at(-1) ?? 0,
    hostLayout,
    guestLayout,
    host: {
      props: host?.props ?? {},
      samples: samplesOf(host?.stats ?? [], hostLayout),
      times: host?.times ?? [],
      past: pastOf(host?.past ?? {}),
    },
    // In the order of the case: only the daemon sorts guests.
    guests: views.map((view, index) => {
      const { stats, times, past } = guests[index] as CaseEntity;
      return { ...view, samples: samplesOf(stats, guestLayout), times, past: pastOf(past) };
    }),
  };
  const { decision, writes, results } = evaluate(program, input, memory, {
    ...options,
    clock: () => performance.now(),
    collectResults: true,
  });
  return outcome(results, decision.requests, views, memory, writes, decision.errors);
}

function outcome(
  results: readonly Value[],
  requests: readonly ControlRequest[],
  views: readonly GuestView[],
  memory: PolicyMemory,
  writes: MemoryWrites | null,
  errors: readonly PolicyError[],
): CaseOutcome {
  const controlsOf = (uuid: string | null): Record<string, Json> =>
    record(requests.filter(({ guest }) => (guest?.uuid ?? null) === uuid).map(({ name, value }) => [name, value]));
  return {
    results: results.map(resultJson),
    host_controls: controlsOf(null),
    guest_controls: views.map(({ uuid }) => controlsOf(uuid)),
    host_vars: record([...memory.host, ...(writes?.host ?? [])]),
    guest_vars: views.map(({ uuid }) =>
      record([...(memory.guests.get(uuid) ?? []), ...(writes?.guests.get(uuid) ?? [])]),
    ),
    errors: errors.map(({ phase, message, position, guest }) => ({
      phase: phase === 'eval' ? 'eval' : 'parse',
      message,
      line: position?.line ?? null,
      column: position?.column ?? null,
      guest: guest?.name ?? null,
    })),
  };
}

function record(entries: readonly (readonly [string, PolicyScalar])[]): Record<string, Json> {
  return Object.fromEntries(entries.map(([name, value]) => [name, scalarJson(value)]));
}

function scalarJson(value: PolicyScalar): Json {
  if (typeof value === 'number') return numberJson(value);
  return typeof value === 'object' && value !== null ? value.map(scalarJson) : value;
}

/** JSON has no infinities. */
function numberJson(value: number): Json {
  if (Number.isFinite(value)) return value;
  return { num: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' };
}

/** A value of the language as JSON: nil is null, an entity {"entity": NAME}, a NUMA node {"node": NUMBER}, an infinity {"num": "inf"}. */
export function resultJson(value: Value): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return numberJson(value);
  if (typeof value === 'bigint') return { num: value.toString() };
  if (value instanceof Entity) return { entity: value.guest?.name ?? 'host' };
  if (value instanceof HostNode) return { node: value.facts.id };
  if (value instanceof Callable) return { function: value.name };
  if (value instanceof Row) return Object.fromEntries(value.names.map((name) => [name, value.get(name) ?? null]));
  return isList(value) ? value.map(resultJson) : null;
}

function guestView(entity: CaseEntity, index: number, all: readonly CaseEntity[]): GuestView {
  const { name, uuid } = entity.props;
  // Memory and controls are keyed by UUID, but the guests of a case may have none, or share one.
  const unique = typeof uuid === 'string' && all.every((other, at) => at === index || other.props['uuid'] !== uuid);
  return {
    name: typeof name === 'string' ? name : `guest ${index + 1}`,
    uuid: unique ? uuid : `guest ${index + 1}`,
    props: entity.props,
    samples: [],
    times: [],
  };
}

/** A case declares as fields all keys of its samples. */
function layoutFor(entities: readonly CaseEntity[]): Layout {
  return layoutOf([...new Set(entities.flatMap(({ stats }) => stats.flatMap((sample) => Object.keys(sample))))]);
}

function samplesOf(stats: CaseEntity['stats'], layout: Layout): EntityView['samples'] {
  return stats.map((sample): Sample =>
    layout.names.map((name) => (Object.hasOwn(sample, name) ? sample[name] : undefined)),
  );
}

function pastOf(past: CaseEntity['past']): Past {
  return constantPast(new Map(Object.entries(past)));
}

// Validation of a line, without a schema: case files are a developer tool, so messages need only name the key.

function readCase(value: unknown): Case | string {
  if (!isObject(value)) return 'it is not an object';
  const { policy, host = null, guests = [] } = value;
  if (typeof policy !== 'string') return '"policy" must be a text';
  if (!Array.isArray(guests)) return '"guests" must be a list';
  const hostEntity = host === null ? null : readEntity(host, 'host');
  if (typeof hostEntity === 'string') return hostEntity;
  const entities: CaseEntity[] = [];
  for (const [index, guest] of guests.entries()) {
    const entity = readEntity(guest, `guests[${index}]`);
    if (typeof entity === 'string') return entity;
    entities.push(entity);
  }
  return { policy, host: hostEntity, guests: entities };
}

function readEntity(value: unknown, where: string): CaseEntity | string {
  if (!isObject(value)) return `"${where}" must be an object`;
  const { props = {}, stats = [], vars = {}, past = {} } = value;
  const { times = evenTimes(Array.isArray(stats) ? stats.length : 0) } = value;
  if (!isObject(props) || !Object.values(props).every((prop) => isField(prop) && typeof prop !== 'boolean')) {
    return `"${where}.props" must hold texts, numbers and null`;
  }
  if (!Array.isArray(stats) || !stats.every((sample) => isObject(sample) && Object.values(sample).every(isField))) {
    return `"${where}.stats" must be a list of objects of numbers, texts, truth values and null`;
  }
  if (!Array.isArray(times) || times.length !== stats.length || !times.every((time) => typeof time === 'number')) {
    return `"${where}.times" must be a list of milliseconds, one for each of the stats`;
  }
  if (!isObject(vars) || !Object.values(vars).every(isScalar)) {
    return `"${where}.vars" must hold numbers, texts, truth values, null and lists of them`;
  }
  if (!isObject(past) || !Object.values(past).every((each) => typeof each === 'number'))
    return `"${where}.past" must hold numbers`;
  return {
    past: past as CaseEntity['past'],
    props: props as Props,
    stats: stats as CaseEntity['stats'],
    times,
    vars: vars as CaseEntity['vars'],
  };
}

/** Times for a case without `times`: samples ten seconds apart, MOM's interval; the last one is at time 0. Milliseconds. */
function evenTimes(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => (at + 1 - count) * 10_000);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isField(value: unknown): value is FieldValue {
  return value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}

function isScalar(value: unknown): value is PolicyScalar {
  return isField(value) || (Array.isArray(value) && value.every(isScalar));
}
