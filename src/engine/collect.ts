import { setMaxListeners } from 'node:events';
import type { GuestRef } from '../model/control.ts';
import { layoutOf, type FieldDecl, type FieldValue, type Layout, type Sample } from '../model/field.ts';
import type { Labeller } from '../model/labels.ts';
import type { CollectProblem, GuestSnapshot, Snapshot } from '../model/snapshot.ts';
import { HypervisorError, type GuestReading, type Hypervisor } from '../ports/hypervisor.ts';
import type { Collector, CollectorContext, FieldValues, GuestCollector, HostCollector } from '../plugin/collector.ts';
import { settingsFor, type PluginSettings } from '../plugin/settings.ts';
import { shownScalar } from '../model/shown-scalar.ts';
import { forEachConcurrent } from '../support/concurrent.ts';
import { startDeadline, untilAborted } from '../support/deadline.ts';

/** Guests handled between two turns of the event loop: at 1000 guests the daemon still answers signals and keepalives. */
const GUESTS_PER_TURN = 25;

/**
 * Guests whose files are read at once. More would not be faster (Node reads files in four threads), and every read that
 * waits holds a buffer: a thousand of them are a hundred megabytes.
 */
const GUESTS_AT_ONCE = 32;

interface Source<Instance> {
  readonly name: string;
  readonly fields: readonly FieldDecl[];
  /** Where this collector's fields begin in the sample. */
  readonly offset: number;
  readonly instance: Instance;
}

type HostSource = Source<ReturnType<HostCollector['create']>>;
type GuestSource = Source<ReturnType<GuestCollector['create']>>;

export interface CollectOptions {
  /** How long one collector (for the host or for one guest) may take, milliseconds. */
  readonly timeoutMs: number;
  readonly labels: Labeller;
  /** What the config says now for the plugins. */
  readonly settings: () => PluginSettings;
}

/**
 * Takes snapshots: one bulk reading of the hypervisor, then every collector side by side. A collector that throws or
 * takes too long costs its own fields of this snapshot and nothing else; one that is still busy is not asked again.
 */
export class SnapshotTaker {
  readonly hostLayout: Layout;
  readonly guestLayout: Layout;
  readonly #host: readonly HostSource[];
  readonly #guest: readonly GuestSource[];
  readonly #hypervisor: Hypervisor;
  readonly #now: () => number;
  readonly #timeoutMs: number;
  readonly #labels: Labeller;
  readonly #busy = new Set<string>();

  constructor(
    collectors: readonly Collector[],
    hypervisor: Hypervisor,
    context: Omit<CollectorContext, 'settings'>,
    options: CollectOptions,
  ) {
    const host = collectors.filter((collector) => collector.scope === 'host');
    const guest = collectors.filter((collector) => collector.scope === 'guest');
    this.hostLayout = layoutOf(host.flatMap(({ fields }) => fields.map(({ name }) => name)));
    this.guestLayout = layoutOf(guest.flatMap(({ fields }) => fields.map(({ name }) => name)));
    this.#host = placed(host, (collector) =>
      collector.create({ ...context, settings: () => settingsFor(collector, options.settings()) }),
    );
    this.#guest = placed(guest, (collector) =>
      collector.create({ ...context, settings: () => settingsFor(collector, options.settings()) }),
    );
    this.#hypervisor = hypervisor;
    this.#now = context.now;
    this.#timeoutMs = options.timeoutMs;
    this.#labels = options.labels;
  }

  /** Never throws for what the world does: what went wrong is in the snapshot's problems. */
  async take(signal: AbortSignal): Promise<Snapshot> {
    const timeMs = this.#now();
    const problems: CollectProblem[] = [];
    const readings = await this.#readGuests(signal, problems);
    const deadline = startDeadline(signal, this.#timeoutMs);
    // Every reading under way listens to it: thousands of listeners are meant, not a leak.
    setMaxListeners(0, deadline.signal);
    try {
      const host = this.#collectHost(readings, deadline.signal, problems);
      const guests = await this.#collectGuests(readings, deadline.signal, problems);
      return { timeMs, host: await host, guests, problems };
    } finally {
      deadline.clear();
    }
  }

  async #readGuests(signal: AbortSignal, problems: CollectProblem[]): Promise<readonly GuestReading[]> {
    try {
      const reading = await this.#hypervisor.readGuests(signal);
      for (const { guest, message } of reading.problems) problems.push({ collector: 'hypervisor', guest, message });
      return [...reading.guests].sort(byNameThenUuid);
    } catch (error) {
      if (!(error instanceof HypervisorError)) throw error;
      problems.push({ collector: 'hypervisor', guest: null, message: error.message });
      return [];
    }
  }

  async #collectHost(
    readings: readonly GuestReading[],
    deadline: AbortSignal,
    problems: CollectProblem[],
  ): Promise<Sample | null> {
    const sample: (FieldValue | undefined)[] = new Array(this.hostLayout.names.length).fill(null);
    const whole = await Promise.all(
      this.#host.map(async (source) => {
        const values = await this.#ask(source, null, deadline, problems, () =>
          source.instance.collect(deadline, readings),
        );
        return values === FAILED
          ? !source.fields.some(({ optional }) => !optional)
          : fill(sample, source, values, null, problems);
      }),
    );
    return whole.every(Boolean) ? sample : null;
  }

  async #collectGuests(
    readings: readonly GuestReading[],
    deadline: AbortSignal,
    problems: CollectProblem[],
  ): Promise<readonly GuestSnapshot[]> {
    const taken = new Array<GuestSnapshot | null>(readings.length).fill(null);
    const limits = { limit: GUESTS_AT_ONCE, itemsPerTurn: GUESTS_PER_TURN };
    await forEachConcurrent(readings, limits, async (reading, index) => {
      taken[index] = await this.#collectGuest(reading, deadline, problems);
    });
    return taken.filter((guest) => guest !== null);
  }

  async #collectGuest(
    reading: GuestReading,
    deadline: AbortSignal,
    problems: CollectProblem[],
  ): Promise<GuestSnapshot | null> {
    const { name, uuid, id, pid } = reading;
    if (reading.answer === 'stuck') {
      const message = 'does not answer the hypervisor; it is left alone until it does';
      problems.push({ collector: 'hypervisor', guest: { name, uuid }, message });
      return null;
    }
    const sample: (FieldValue | undefined)[] = new Array(this.guestLayout.names.length).fill(null);
    let whole = true;
    for (const source of this.#guest) {
      const values = await this.#ask(source, reading, deadline, problems, () =>
        source.instance.collect(reading, deadline),
      );
      if (values === FAILED) whole &&= !source.fields.some(({ optional }) => !optional);
      else whole = fill(sample, source, values, { name, uuid }, problems) && whole;
    }
    const labels = this.#labels(name, reading.metadata?.labels ?? '');
    return whole ? { name, uuid, props: { name, uuid, id, pid, labels }, sample } : null;
  }

  async #ask(
    source: { readonly name: string },
    guest: GuestRef | null,
    deadline: AbortSignal,
    problems: CollectProblem[],
    collect: () => Promise<FieldValues> | FieldValues,
  ): Promise<FieldValues | typeof FAILED> {
    const ref = guest === null ? null : { name: guest.name, uuid: guest.uuid };
    const key = `${source.name} ${guest?.uuid ?? 'host'}`;
    if (this.#busy.has(key)) {
      problems.push({ collector: source.name, guest: ref, message: 'is still busy with an earlier interval' });
      return FAILED;
    }
    try {
      const values = collect();
      if (!isThenable(values)) return asFields(values);
      this.#busy.add(key);
      const settled = Promise.resolve(values).finally(() => this.#busy.delete(key));
      return asFields(await untilAborted(deadline, settled));
    } catch (error) {
      problems.push({ collector: source.name, guest: ref, message: failure(error, deadline) });
      return FAILED;
    }
  }
}

const FAILED = Symbol('failed');

/** Known failures by their message; what looks like a bug with its stack, so that it can be found. */
function failure(error: unknown, deadline: AbortSignal): string {
  const isLate = error === deadline.reason || (error instanceof Error && error.name === 'AbortError');
  if (deadline.aborted && isLate) return 'did not finish in time';
  if (!(error instanceof Error)) return String(error);
  const bug = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return bug ? (error.stack ?? error.message) : error.message;
}

function isThenable(values: Promise<FieldValues> | FieldValues): values is Promise<FieldValues> {
  return typeof (values as Partial<Promise<FieldValues>> | undefined | null)?.then === 'function';
}

/** A site's collector is plain JavaScript: nothing has checked what it gives. @throws Error when that is no group of fields */
function asFields(values: unknown): FieldValues {
  if (typeof values === 'object' && values !== null) return values as FieldValues;
  throw new Error(
    `gave ${values === undefined || values === null ? 'nothing' : `a ${typeof values}`}; a collector gives its fields by name`,
  );
}

/** Puts a collector's values in their places; false when a mandatory one is absent. */
function fill(
  sample: (FieldValue | undefined)[],
  source: Source<unknown>,
  values: FieldValues,
  guest: GuestRef | null,
  problems: CollectProblem[],
): boolean {
  const missing: string[] = [];
  const wrong: string[] = [];
  let whole = true;
  for (let index = 0; index < source.fields.length; index++) {
    const { name, type, optional } = source.fields[index]!;
    const given = values[name] ?? null;
    const fits = given === null || (typeof given === type && (typeof given !== 'number' || Number.isFinite(given)));
    const value = fits ? given : null;
    sample[source.offset + index] = value;
    if (!fits)
      wrong.push(
        `gave ${shown(given)} for ${name}, which should be a ${typeof given === 'number' && type === 'number' ? 'finite number' : type}`,
      );
    else if (value === null && !optional) missing.push(name);
    whole &&= value !== null || optional;
  }
  if (missing.length > 0) wrong.push(`gave no ${missing.join(', ')}, which policies rely on`);
  if (wrong.length > 0) problems.push({ collector: source.name, guest, message: wrong.join('; ') });
  return whole;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return shownScalar(value);
  return typeof value === 'object' ? 'an object' : String(value);
}

function placed<C extends Collector, I>(collectors: readonly C[], create: (collector: C) => I): readonly Source<I>[] {
  let offset = 0;
  return collectors.map((collector) => {
    const source = { name: collector.name, fields: collector.fields, offset, instance: create(collector) };
    offset += collector.fields.length;
    return source;
  });
}

export function byNameThenUuid(a: GuestRef, b: GuestRef): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0;
}
