import type { Layout, Sample } from '../model/field.ts';
import type { GuestSnapshot, GuestView, PolicyInput, Props, Snapshot } from '../model/snapshot.ts';

/** One entry for each of the last snapshots, oldest first: null where there was no sample in it. */
type Window = readonly (Sample | null)[];

interface GuestHistory {
  readonly window: Window;
  /** Which run of the guest the samples are from: a guest that was started anew begins anew. */
  readonly runId: Props[string];
}

/**
 * The samples of the host and of every guest in the last snapshots, for `StatAvg` and its kin. A guest that is missing for a while
 * (libvirtd restarts, a guest hangs) keeps those that it has in them. Nothing older counts: the last snapshots are all
 * that a recording has to repeat at the head of a file.
 */
export class History {
  readonly #length: number;
  readonly #layouts: { readonly host: Layout; readonly guest: Layout };
  #host: Window = [];
  /** The times of the last snapshots, oldest first. */
  #times: readonly number[] = [];
  /** The newest of them by their number, made when first wanted: nearly all guests share one list. */
  #newest: (readonly number[])[] = [];
  #guests = new Map<string, GuestHistory>();

  /** @param length how many snapshots are kept, 1 or more */
  constructor(length: number, layouts: { readonly host: Layout; readonly guest: Layout }) {
    this.#length = length;
    this.#layouts = layouts;
  }

  /** Takes in the next snapshot, which becomes the present. */
  add(snapshot: Snapshot): void {
    this.#host = this.#append(this.#host, snapshot.host);
    this.#times = this.#append(this.#times, snapshot.timeMs);
    this.#newest = [];
    const present = new Set<string>();
    for (const guest of snapshot.guests) {
      present.add(guest.uuid);
      const before = this.#guests.get(guest.uuid);
      const runId = guest.props['id'] ?? null;
      const window = before !== undefined && before.runId === runId ? before.window : [];
      this.#guests.set(guest.uuid, { window: this.#append(window, guest.sample), runId });
    }
    for (const [uuid, guest] of this.#guests) {
      if (present.has(uuid)) continue;
      const window = this.#append(guest.window, null);
      if (window.every((sample) => sample === null)) this.#guests.delete(uuid);
      else this.#guests.set(uuid, { ...guest, window });
    }
  }

  /** Whether there is a sample of this guest in the last snapshots. */
  knows(uuid: string): boolean {
    return this.#guests.has(uuid);
  }

  /** What a policy sees of the snapshot that was added last; null while there is no host sample in it. */
  input(snapshot: Snapshot, hostProps: Props): PolicyInput | null {
    if (snapshot.host === null) return null;
    return {
      timeMs: snapshot.timeMs,
      hostLayout: this.#layouts.host,
      guestLayout: this.#layouts.guest,
      host: { props: hostProps, samples: samplesIn(this.#host), times: this.#timesOf(this.#host) },
      guests: snapshot.guests.map((guest) => this.#view(guest)),
    };
  }

  #view({ name, uuid, props, sample }: GuestSnapshot): GuestView {
    const window = this.#guests.get(uuid)?.window ?? [sample];
    return { name, uuid, props, samples: samplesIn(window), times: this.#timesOf(window) };
  }

  /** When the samples of a window were taken. */
  #timesOf(window: Window): readonly number[] {
    const times = (this.#newest[window.length] ??= this.#times.slice(-window.length));
    return window.includes(null) ? times.filter((_, at) => window[at] !== null) : times;
  }

  #append<Entry>(window: readonly Entry[], next: Entry): readonly Entry[] {
    const entries = window.slice(Math.max(0, window.length - this.#length + 1));
    entries.push(next);
    return entries;
  }
}

function samplesIn(window: Window): readonly Sample[] {
  // Copying each in every interval would cost more than the evaluation does.
  return window.includes(null) ? window.filter((sample) => sample !== null) : (window as readonly Sample[]);
}
