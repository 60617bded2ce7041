import type { Layout, Sample } from '../model/field.ts';
import { isSameRun } from '../model/guest-run.ts';
import type { EntityView, GuestSnapshot, GuestView, PolicyInput, Props, Snapshot } from '../model/snapshot.ts';

/** One entry per recent snapshot, oldest first; null where the snapshot has no sample. */
type Window = readonly (Sample | null)[];

interface GuestHistory {
  window: Window;
  /** The run of the guest that the samples belong to: a restart discards them. */
  run: Props;
  /** The snapshot that it was last seen in, by number. */
  seen: number;
}

/**
 * The samples of the host and of all guests in the recent snapshots, for `StatAvg` and similar functions. A guest that is
 * missing temporarily (libvirtd restarts, the guest hangs) keeps its samples in them. Older samples are dropped: a new
 * recording file only has to repeat the recent snapshots.
 */
export class History {
  readonly #recent: number;
  #length: number;
  readonly #layouts: { readonly host: Layout; readonly guest: Layout };
  #host: Window = [];
  /** The times of the recent snapshots, oldest first. */
  #times: readonly number[] = [];
  /** Cache of the newest times by count: nearly all guests share one list. */
  #newestTimes: (readonly number[])[] = [];
  readonly #guests = new Map<string, GuestHistory>();
  /** How many snapshots were added. */
  #added = 0;

  /**
   * @param recent snapshots that methods without a window use, 1 or more
   * @param length snapshots that are kept, at least as many
   */
  constructor(recent: number, layouts: { readonly host: Layout; readonly guest: Layout }, length = recent) {
    this.#recent = recent;
    this.#length = length;
    this.#layouts = layouts;
  }

  /** Another one with the same samples. @param length snapshots that it keeps */
  copy(length: number): History {
    const copy = new History(this.#recent, this.#layouts, length);
    copy.#host = this.#host;
    copy.#times = this.#times;
    copy.#added = this.#added;
    // What is kept of a guest is changed by the next snapshot.
    for (const [uuid, guest] of this.#guests) copy.#guests.set(uuid, { ...guest });
    return copy;
  }

  /** Sets how many snapshots are kept from now on. */
  keep(length: number): void {
    this.#length = length;
  }

  /** Adds a snapshot, which becomes the current one. */
  add(snapshot: Snapshot): void {
    this.#host = this.#append(this.#host, snapshot.host);
    this.#times = this.#append(this.#times, snapshot.timeMs);
    this.#newestTimes = [];
    this.#added += 1;
    for (const { uuid, props, sample } of snapshot.guests) {
      const known = this.#guests.get(uuid);
      if (known === undefined) {
        this.#guests.set(uuid, { window: this.#append([], sample), run: props, seen: this.#added });
        continue;
      }
      known.window = this.#append(isSameRun(known.run, props) ? known.window : [], sample);
      known.run = props;
      known.seen = this.#added;
    }
    for (const [uuid, guest] of this.#guests) {
      if (guest.seen === this.#added) continue;
      guest.window = this.#append(guest.window, null);
      if (guest.window.every((sample) => sample === null)) this.#guests.delete(uuid);
    }
  }

  /** Whether the recent snapshots have a sample of this guest. */
  has(uuid: string): boolean {
    return this.#guests.has(uuid);
  }

  /** The policy's input for the snapshot added last; null when it has no host sample. */
  input(snapshot: Snapshot, hostProps: Props): PolicyInput | null {
    if (snapshot.host === null) return null;
    return {
      timeMs: snapshot.timeMs,
      hostLayout: this.#layouts.host,
      guestLayout: this.#layouts.guest,
      host: { props: hostProps, ...this.#seriesOf(this.#host) },
      guests: snapshot.guests.map((guest) => this.#view(guest)),
    };
  }

  #view({ name, uuid, props, sample }: GuestSnapshot): GuestView {
    const window = this.#guests.get(uuid)?.window ?? [sample];
    const { samples, times, recent } = this.#seriesOf(window);
    return { name, uuid, props, samples, times, recent };
  }

  #seriesOf(window: Window): Pick<Required<EntityView>, 'samples' | 'times' | 'recent'> {
    const times = (this.#newestTimes[window.length] ??= this.#times.slice(-window.length));
    // Copying every window in every interval would cost more than the evaluation.
    if (isComplete(window)) return { samples: window, times, recent: Math.min(this.#recent, window.length) };
    return {
      samples: window.filter((sample) => sample !== null),
      times: times.filter((_, at) => window[at] !== null),
      recent: presentIn(window, this.#recent),
    };
  }

  #append<Entry>(window: readonly Entry[], next: Entry): readonly Entry[] {
    const from = Math.max(0, window.length - this.#length + 1);
    const length = window.length - from;
    // Of its final size at once: growing a copy by one would copy it again.
    const entries = new Array<Entry>(length + 1);
    for (let at = 0; at < length; at += 1) entries[at] = window[from + at]!;
    entries[length] = next;
    return entries;
  }
}

function isComplete(window: Window): window is readonly Sample[] {
  return !window.includes(null);
}

/** How many of the newest entries are samples. */
function presentIn(window: Window, newest: number): number {
  let count = 0;
  for (let at = Math.max(0, window.length - newest); at < window.length; at += 1) if (window[at] !== null) count += 1;
  return count;
}
