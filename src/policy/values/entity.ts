import type { GuestRef, PolicyScalar } from '../../model/control.ts';
import { DISKS_FIELD, disksIn, type DiskTuning } from '../../model/disk-tuning.ts';
import type { FieldValue, Layout, Sample } from '../../model/field.ts';
import type { Past } from '../../model/past.ts';
import type { EntityView, Props } from '../../model/snapshot.ts';
import type { Timer } from '../../model/timers.ts';
import { NODES_FIELD, nodesIn, type NumaNode } from '../../model/numa-nodes.ts';
import type { Requested } from './requested.ts';

const NO_SAMPLE: Sample = [];

/** A value of the current sample. */
type LastValue = FieldValue | undefined | readonly Disk[] | readonly HostNode[];

/** The host or one guest during one evaluation. */
export class Entity {
  /** Name and UUID from the input; null: the host. */
  readonly guest: GuestRef | null;
  /** False: the host. */
  readonly isGuest: boolean;
  readonly layout: Layout;
  readonly samples: readonly Sample[];
  /** Timestamp of each sample, milliseconds since the epoch. */
  readonly times: readonly number[];
  /** The first sample that methods without a window use. */
  readonly firstRecent: number;
  /** The current sample, with disks and nodes as lists. */
  last: readonly LastValue[];
  /** Statistics of the last days; null: nothing is known of them. */
  readonly past: Past | null;
  props: Props;
  /** The newest `Control` call for it. */
  lastRequest: Requested | null = null;
  /** Variables set with `SetVar` in this evaluation. */
  written: Map<string, PolicyScalar> | null = null;
  /** Timers set in this evaluation; null: the condition does not hold. */
  writtenTimers: Map<string, Timer | null> | null = null;
  /** Index of the file in which an error dropped its decisions; -1: none. */
  failedIn = -1;
  /** The sites of its errors: each is reported once. */
  failedSites: Set<number> | null = null;

  constructor(layout: Layout, view: EntityView, guest: GuestRef | null) {
    this.guest = guest;
    this.isGuest = guest !== null;
    this.layout = layout;
    this.samples = view.samples;
    this.times = view.times;
    this.firstRecent = view.recent === undefined ? 0 : view.samples.length - view.recent;
    this.last = view.samples.length > 0 ? (view.samples[view.samples.length - 1] as Sample) : NO_SAMPLE;
    this.past = view.past ?? null;
    this.props = view.props;
  }

  // Reading these lists, and copying the sample for them, costs time for each guest: they are left to programs that use them.

  /** Shows the text of a guest's disks as a list from now on. */
  showDisks(): void {
    this.#showList(DISKS_FIELD, (text) => disksIn(text)?.map((tuning) => new Disk(this, tuning)) ?? null);
  }

  /** Shows the text of the host's NUMA nodes as a list from now on. */
  showNodes(guests: readonly Entity[]): void {
    this.#showList(NODES_FIELD, (text) => nodesIn(text)?.map((facts) => new HostNode(facts, guests)) ?? null);
  }

  #showList(field: string, read: (text: LastValue) => LastValue): void {
    const at = this.layout.index.get(field);
    const text = at === undefined ? undefined : this.last[at];
    if (at !== undefined && text !== undefined) this.last = this.last.with(at, read(text));
  }

  get label(): string {
    return this.guest === null ? 'Host' : `guest ${this.guest.name}`;
  }
}

/** A disk of a guest, as MOM's I/O rules know it: an element of `GUEST.io_tune`. */
export class Disk {
  readonly guest: Entity;
  readonly tuning: DiskTuning;

  constructor(guest: Entity, tuning: DiskTuning) {
    this.guest = guest;
    this.tuning = tuning;
  }
}

/** A NUMA node of the host: an element of `Host.numa_nodes`. */
export class HostNode {
  readonly facts: NumaNode;
  /** Those of the host, on whatever node. */
  readonly allGuests: readonly Entity[];

  constructor(facts: NumaNode, allGuests: readonly Entity[]) {
    this.facts = facts;
    this.allGuests = allGuests;
  }
}
