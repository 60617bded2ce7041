import { setMaxListeners } from 'node:events';
import type { GuestRef } from '../model/control.ts';
import { layoutOf, type FieldDecl, type FieldValue, type Layout, type Sample } from '../model/field.ts';
import type { Labeller } from '../model/labels.ts';
import type { CollectProblem, GuestSnapshot, Snapshot } from '../model/snapshot.ts';
import { HypervisorError, type GuestReading, type Hypervisor } from '../ports/hypervisor.ts';
import type { Collector, CollectorContext, FieldValues, GuestCollector, HostCollector } from '../plugin/collector.ts';
import type { PluginSettings } from '../plugin/settings.ts';
import { settingsFor } from './plugin-settings.ts';
import { scalarText } from '../model/scalar-text.ts';
import { forEachConcurrent } from '../support/concurrent.ts';
import { startDeadline, untilAborted } from '../support/deadline.ts';

/** Guests handled per turn of the event loop, so that the daemon handles signals and keepalives with 1000 guests. */
const GUESTS_PER_TURN = 25;

/**
 * Guests whose files are read concurrently. More would not be faster (Node reads files in four threads), and every
 * pending read holds a buffer: a thousand of them take a hundred megabytes.
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
  /** Current settings of the plugins. */
  readonly settings: () => PluginSettings;
}

/**
 * Takes snapshots: one bulk query to the hypervisor, then all collectors concurrently. When a collector throws or times
 * out, only its fields are missing from this snapshot; a collector that is still running is not called again.
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

  /** Does not throw for failures outside Ballast: they are in the snapshot's problems. */
  async take(signal: AbortSignal): Promise<Snapshot> {
    const timeMs = this.#now();
    const problems: CollectProblem[] = [];
    const readings = await this.#readGuests(signal, problems);
    const deadline = startDeadline(signal, this.#timeoutMs);
    // Every pending read adds a listener: thousands of listeners are expected, not a leak.
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
    const complete = await Promise.all(
      this.#host.map(async (source) => {
        const values = await this.#collectFrom(source, null, deadline, problems, () =>
          source.instance.collect(deadline, readings),
        );
        return values === FAILED
          ? !source.fields.some(({ optional }) => !optional)
          : fill(sample, source, values, null, problems);
      }),
    );
    return complete.every(Boolean) ? sample : null;
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
    const { name, uuid, id, pid, startTicks } = reading;
    if (reading.answer === 'stuck') {
      const message = 'does not respond to the hypervisor; skipped until it does';
      problems.push({ collector: 'hypervisor', guest: { name, uuid }, message });
      return null;
    }
    const sample: (FieldValue | undefined)[] = new Array(this.guestLayout.names.length).fill(null);
    let complete = true;
    for (const source of this.#guest) {
      const values = await this.#collectFrom(source, reading, deadline, problems, () =>
        source.instance.collect(reading, deadline),
      );
      if (values === FAILED) complete &&= !source.fields.some(({ optional }) => !optional);
      else complete = fill(sample, source, values, { name, uuid }, problems, reading.missing !== null) && complete;
    }
    const labels = this.#labels(name, reading.metadata?.labels ?? '');
    return complete
      ? { name, uuid, props: { name, uuid, id, pid, started: startTicks ?? null, labels }, sample }
      : null;
  }

  async #collectFrom(
    source: { readonly name: string },
    guest: GuestRef | null,
    deadline: AbortSignal,
    problems: CollectProblem[],
    collect: () => Promise<FieldValues> | FieldValues,
  ): Promise<FieldValues | typeof FAILED> {
    const ref = guest === null ? null : { name: guest.name, uuid: guest.uuid };
    const key = `${source.name} ${guest?.uuid ?? 'host'}`;
    if (this.#busy.has(key)) {
      problems.push({ collector: source.name, guest: ref, message: 'is still running from an earlier interval' });
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

/** The message of a known failure; the stack of anything that looks like a bug. */
function failure(error: unknown, deadline: AbortSignal): string {
  const isTimeout = error === deadline.reason || (error instanceof Error && error.name === 'AbortError');
  if (deadline.aborted && isTimeout) return 'timed out';
  if (!(error instanceof Error)) return String(error);
  const bug = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return bug ? (error.stack ?? error.message) : error.message;
}

function isThenable(values: Promise<FieldValues> | FieldValues): values is Promise<FieldValues> {
  return typeof (values as Partial<Promise<FieldValues>> | undefined | null)?.then === 'function';
}

/** Checks what a site's collector, plain JavaScript, returned. @throws Error when it is not an object of fields */
function asFields(values: unknown): FieldValues {
  if (typeof values === 'object' && values !== null) return values as FieldValues;
  throw new Error(
    `returned ${values === undefined || values === null ? 'nothing' : `a ${typeof values}`}; expected an object of fields`,
  );
}

/** Stores a collector's values in the sample; false when a mandatory one is absent. */
function fill(
  sample: (FieldValue | undefined)[],
  source: Source<unknown>,
  values: FieldValues,
  guest: GuestRef | null,
  problems: CollectProblem[],
  causeWasTold = false,
): boolean {
  const missing: string[] = [];
  const errors: string[] = [];
  let complete = true;
  for (let index = 0; index < source.fields.length; index++) {
    const { name, type, optional } = source.fields[index]!;
    const returned = values[name] ?? null;
    const isValid =
      returned === null || (typeof returned === type && (typeof returned !== 'number' || Number.isFinite(returned)));
    const value = isValid ? returned : null;
    sample[source.offset + index] = value;
    if (!isValid)
      errors.push(
        `returned ${shown(returned)} for ${name}, expected a ${typeof returned === 'number' && type === 'number' ? 'finite number' : type}`,
      );
    else if (value === null && !optional) missing.push(name);
    complete &&= value !== null || optional;
  }
  const told = causeWasTold && errors.length === 0;
  if (missing.length > 0) errors.push(`returned no ${missing.join(', ')} (required)`);
  if (errors.length > 0)
    problems.push({ collector: source.name, guest, message: errors.join('; '), ...(told && { told }) });
  return complete;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return scalarText(value);
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
