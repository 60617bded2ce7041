import { setMaxListeners } from 'node:events';
import type { GuestRef } from '../model/control.ts';
import { layoutOf, type FieldDecl, type FieldValue, type Layout, type Sample } from '../model/field.ts';
import type { Labeller } from '../model/labels.ts';
import { HYPERVISOR, unreadGuests } from '../model/unread-guests.ts';
import { isSameRun } from '../model/guest-run.ts';
import type { CollectProblem, GuestSnapshot, GuestView, Props, Snapshot } from '../model/snapshot.ts';
import { HypervisorError, type GuestReading, type Hypervisor } from '../ports/hypervisor.ts';
import type { Collector, CollectorContext, FieldValues, GuestCollector, HostCollector } from '../plugin/collector.ts';
import type { PluginSettings } from '../plugin/settings.ts';
import { asFields, failure, FAILED, fill, isThenable } from './collected-values.ts';
import { settingsFor } from './plugin-settings.ts';
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
  readonly stateless?: boolean;
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
  /** Removes from a reading what its guest may not say about itself. Absent: nothing. */
  readonly permitted?: (reading: GuestReading) => GuestReading;
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
  readonly #permitted: (reading: GuestReading) => GuestReading;
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
    this.#permitted = options.permitted ?? ((reading) => reading);
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

  /**
   * A guest with one more sample, right before a write. Only stateless collectors are asked: the other values are those of
   * its last sample.
   * @returns why that cannot be had, as text to follow "the guest"
   */
  async takeAgain(guest: GuestView, signal: AbortSignal): Promise<GuestView | string> {
    const reading = await this.#readGuest(guest, signal);
    if (typeof reading === 'string') return reading;
    const props = this.#propsOf(reading);
    if (!isSameRun(guest.props, props)) return 'was started anew';
    const sample = [...guest.samples.at(-1)!];
    const problems: CollectProblem[] = [];
    let complete = true;
    for (const source of this.#guest.filter(({ stateless }) => stateless === true)) {
      const collect = () => source.instance.collect(reading, signal);
      const values = await this.#collectFrom(source, reading, signal, problems, collect);
      complete = values !== FAILED && fill(sample, source, values, guest, problems) && complete;
    }
    if (!complete) return `cannot be read again: ${problems.map(({ message }) => message).join('; ')}`;
    return { ...guest, props, samples: [...guest.samples, sample], times: [...guest.times, this.#now()] };
  }

  async #readGuest(guest: GuestRef, signal: AbortSignal): Promise<GuestReading | string> {
    try {
      const reading = await this.#hypervisor.readGuest({ name: guest.name, uuid: guest.uuid }, signal);
      if (reading === null) return 'is no longer running';
      return reading.answer === 'stuck' ? 'does not respond to the hypervisor' : this.#permitted(reading);
    } catch (error) {
      if (!(error instanceof HypervisorError)) throw error;
      return `cannot be read again: ${error.message}`;
    }
  }

  #propsOf({ name, uuid, id, pid, startTicks, metadata }: GuestReading): Props {
    const labels = this.#labels(name, metadata?.labels ?? '');
    return { name, uuid, id, pid, started: startTicks ?? null, labels };
  }

  async #readGuests(signal: AbortSignal, problems: CollectProblem[]): Promise<readonly GuestReading[]> {
    try {
      const reading = await this.#hypervisor.readGuests(signal);
      for (const { guest, message } of reading.problems) problems.push({ collector: HYPERVISOR, guest, message });
      return reading.guests.map(this.#permitted).sort(byNameThenUuid);
    } catch (error) {
      if (!(error instanceof HypervisorError)) throw error;
      problems.push({ collector: HYPERVISOR, guest: null, message: error.message });
      return [];
    }
  }

  async #collectHost(
    readings: readonly GuestReading[],
    deadline: AbortSignal,
    problems: CollectProblem[],
  ): Promise<Sample | null> {
    const sample: (FieldValue | undefined)[] = new Array(this.hostLayout.names.length).fill(null);
    const guestsAreKnown = unreadGuests(problems) === undefined;
    const complete = await Promise.all(
      this.#host.map(async (source) => {
        const values = await this.#collectFrom(source, null, deadline, problems, () =>
          source.instance.collect(deadline, readings, guestsAreKnown),
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
    const { name, uuid } = reading;
    if (reading.answer === 'stuck') {
      const message = 'does not respond to the hypervisor; skipped until it does';
      problems.push({ collector: HYPERVISOR, guest: { name, uuid }, message });
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
    return complete ? { name, uuid, props: this.#propsOf(reading), sample } : null;
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

function placed<C extends Collector, I>(collectors: readonly C[], create: (collector: C) => I): readonly Source<I>[] {
  let offset = 0;
  return collectors.map((collector) => {
    const { name, fields } = collector;
    const stateless = collector.scope === 'guest' && collector.stateless === true;
    const source = { name, fields, stateless, offset, instance: create(collector) };
    offset += collector.fields.length;
    return source;
  });
}

export function byNameThenUuid(a: GuestRef, b: GuestRef): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0;
}
