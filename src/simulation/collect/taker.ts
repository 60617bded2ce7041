import type { Layout, Sample } from '../../model/field.ts';
import type { CollectProblem, GuestSnapshot, Props, Snapshot } from '../../model/snapshot.ts';
import type { Guest } from '../guest/guest.ts';
import type { World } from '../world.ts';
import { GuestFields, type Known } from './guest-fields.ts';
import { HostFields } from './host-fields.ts';

/** What takes snapshots through the collectors. */
export interface Collecting {
  readonly hostLayout: Layout;
  readonly guestLayout: Layout;
  take(signal: AbortSignal): Promise<Snapshot>;
}

interface Template {
  readonly props: Props;
  readonly sample: Sample;
}

/**
 * Takes snapshots of a world without writing its files as text and reading them again, which takes nine tenths of the time: 3 ms for 100
 * guests. The collectors are asked when a guest appears. From then on what can change is filled in, with the same
 * values that they would find; a test compares all of it.
 */
export class DirectTaker {
  readonly #world: World;
  readonly #now: () => number;
  readonly #collecting: Collecting;
  readonly #host: HostFields;
  readonly #guests: GuestFields;
  #hostTemplate: Sample | null = null;
  readonly #templates = new Map<Guest, Template>();

  /** @param now the time of the host, milliseconds since the epoch */
  constructor(world: World, collecting: Collecting, known: Known, now: () => number) {
    this.#world = world;
    this.#now = now;
    this.#collecting = collecting;
    this.#host = new HostFields(world, collecting.hostLayout, now);
    this.#guests = new GuestFields(world, collecting.guestLayout, known, now);
  }

  async take(signal: AbortSignal): Promise<Snapshot> {
    const all = this.#world.guests;
    const isNew = (guest: Guest) => guest.life.isRunning && hasReported(guest) && !this.#templates.has(guest);
    if (this.#hostTemplate === null || all.some(isNew)) this.#learn(await this.#collecting.take(signal));
    const problems: CollectProblem[] = [];
    const guests: GuestSnapshot[] = [];
    for (const [index, guest] of all.entries()) {
      if (!guest.life.isRunning) continue;
      const { name } = guest.spec;
      const template = this.#templates.get(guest);
      if (template === undefined || !hasReported(guest)) {
        this.#guests.note(guest);
        problems.push(notReported({ name, uuid: guest.uuid }));
        continue;
      }
      const sample = this.#guests.sample(guest, index, template.sample);
      guests.push({ name, uuid: guest.uuid, props: template.props, sample });
    }
    const host = this.#hostTemplate && this.#host.sample(this.#hostTemplate);
    return { timeMs: this.#now(), host, guests, problems };
  }

  #learn({ host, guests }: Snapshot): void {
    this.#hostTemplate = host;
    for (const { uuid, props, sample } of guests) {
      const guest = this.#world.guest(uuid);
      if (guest !== undefined) this.#templates.set(guest, { props, sample });
    }
  }
}

function hasReported({ statistics }: Guest): boolean {
  return statistics.lastUpdateS > 0;
}

/** In the words of the collector, which the operator knows. */
function notReported(guest: { readonly name: string; readonly uuid: string }): CollectProblem {
  return {
    collector: 'guest-memory',
    guest,
    message: 'returned no mem_available, mem_unused (required)',
    told: true,
  };
}
