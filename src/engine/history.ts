import type { Layout, Sample } from '../model/field.ts';
import type { GuestSnapshot, GuestView, PolicyInput, Props, Snapshot } from '../model/snapshot.ts';

interface GuestHistory {
  readonly samples: readonly Sample[];
  /** Which run of the guest the samples are from: a guest that was started anew begins anew. */
  readonly runId: Props[string];
  /** Snapshots since the guest was last in one. */
  readonly missed: number;
}

/**
 * The last samples of the host and of every guest, for `StatAvg`. A guest that is missing for a while (libvirtd
 * restarts, a guest hangs) keeps its samples for as many snapshots as the history is long.
 */
export class History {
  readonly #length: number;
  readonly #layouts: { readonly host: Layout; readonly guest: Layout };
  #host: readonly Sample[] = [];
  #guests = new Map<string, GuestHistory>();
  #forgotten: string[] = [];

  /** @param length how many samples are kept, 1 or more */
  constructor(length: number, layouts: { readonly host: Layout; readonly guest: Layout }) {
    this.#length = length;
    this.#layouts = layouts;
  }

  /** Takes in the next snapshot, which becomes the present. */
  add(snapshot: Snapshot): void {
    if (snapshot.host !== null) this.#host = this.#append(this.#host, snapshot.host);
    const present = new Set<string>();
    for (const guest of snapshot.guests) {
      present.add(guest.uuid);
      const before = this.#guests.get(guest.uuid);
      const runId = guest.props['id'] ?? null;
      const samples = before !== undefined && before.runId === runId ? before.samples : [];
      this.#guests.set(guest.uuid, { samples: this.#append(samples, guest.sample), runId, missed: 0 });
    }
    for (const [uuid, guest] of this.#guests) {
      if (present.has(uuid)) continue;
      if (guest.missed + 1 >= this.#length) {
        this.#guests.delete(uuid);
        this.#forgotten.push(uuid);
      } else {
        this.#guests.set(uuid, { ...guest, missed: guest.missed + 1 });
      }
    }
  }

  /** The uuids of guests whose samples were dropped since the last call. */
  takeForgotten(): readonly string[] {
    return this.#forgotten.splice(0);
  }

  /** What a policy sees of the snapshot that was added last; null while there is no host sample in it. */
  input(snapshot: Snapshot, hostProps: Props): PolicyInput | null {
    if (snapshot.host === null) return null;
    return {
      timeMs: snapshot.timeMs,
      hostLayout: this.#layouts.host,
      guestLayout: this.#layouts.guest,
      host: { props: hostProps, samples: this.#host },
      guests: snapshot.guests.map((guest) => this.#view(guest)),
    };
  }

  #view({ name, uuid, props, sample }: GuestSnapshot): GuestView {
    return { name, uuid, props, samples: this.#guests.get(uuid)?.samples ?? [sample] };
  }

  #append(samples: readonly Sample[], next: Sample): readonly Sample[] {
    return [...samples.slice(Math.max(0, samples.length - this.#length + 1)), next];
  }
}
