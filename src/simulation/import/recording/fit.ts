import type { RecordedInterval, RecordingHeader } from '../../../recording/format.ts';
import { layoutOf } from '../../../model/field.ts';
import type { GuestSnapshot } from '../../../model/snapshot.ts';
import { MOST_GUESTS, type Scenario } from '../../scenario/model.ts';
import { Inferences } from '../inferences.ts';
import { GuestNames } from '../names.ts';
import { NoDemandError, type Fitted } from '../fitted.ts';
import { Columns } from './columns.ts';
import { GuestHistory } from './guest-history.ts';
import { guestSpec, largestSwapShare } from './guest-spec.ts';
import { HostHistory } from './host-history.ts';
import { UnseenGuests } from './unseen-guests.ts';
import { GUEST, PAGE_KIB } from '../../constants.ts';

const LONGEST_S = 744 * 3600;

/** As scenarios accept it. */
const MOST_MEMORY_KIB = 64 * 1024 ** 3;

/** Guests of less memory are no guests, KiB. */
const LEAST_MEMORY_KIB = 64 * 1024;

/** Fits a scenario to the intervals of a recording. */
export class RecordingFit {
  readonly #path: string;
  readonly #histories: GuestHistory[] = [];
  readonly #byUuid = new Map<string, GuestHistory>();
  #columns: { readonly host: Columns; readonly guest: Columns } | null = null;
  #host: HostHistory | null = null;
  #startMs: number | null = null;
  #endS = 0;
  #hostName: string | null = null;
  #isCut = false;
  readonly #unseen = new UnseenGuests();

  /** @param path of the recording, for messages */
  constructor(path: string) {
    this.#path = path;
  }

  /** A file of the recording begins. */
  begin(header: RecordingHeader): void {
    const layouts = [header.host_fields, header.guest_fields].map((names) => new Columns(layoutOf(names)));
    this.#columns = { host: layouts[0]!, guest: layouts[1]! };
    const { name } = header.host_props;
    if (typeof name === 'string') this.#hostName = name;
  }

  /** When its first interval was, milliseconds since the epoch; null: there was none. */
  get startMs(): number | null {
    return this.#startMs;
  }

  get histories(): readonly GuestHistory[] {
    return this.#histories;
  }

  get host(): HostHistory | null {
    return this.#host;
  }

  add({ snapshot, context, policy, relief }: RecordedInterval): void {
    const columns = this.#columns;
    if (context || columns === null) return;
    this.#startMs ??= snapshot.timeMs;
    const atS = Math.round((snapshot.timeMs - this.#startMs) / 1000);
    // The clock was set back, or the recording is longer than anything that is simulated.
    if (atS < this.#endS) return;
    if (atS > LONGEST_S) {
      this.#isCut = true;
      return;
    }
    this.#endS = atS;
    let [guestsKib, balloonsKib] = [0, 0];
    for (const guest of snapshot.guests) {
      this.#addGuest(guest, columns.guest, atS, snapshot.timeMs);
      const { sample } = guest;
      const [most, size] = ['balloon_max', 'balloon_cur'].map((name) => columns.guest.number(sample, name));
      balloonsKib += Math.max(0, (most ?? 0) - (size ?? most ?? 0));
      guestsKib += columns.guest.number(sample, 'balloon_rss') ?? (columns.guest.number(sample, 'rss') ?? 0) * PAGE_KIB;
    }
    if (snapshot.host !== null) {
      this.#host ??= new HostHistory(snapshot.host, columns.host);
      // Guests that are about to start have no sample yet, and others never have one.
      const allKib = columns.host.number(snapshot.host, 'guests_rss') ?? guestsKib;
      const unseenKib = this.#unseen.passing(atS, Math.max(0, allKib - guestsKib));
      const running = columns.host.number(snapshot.host, 'guests_running') ?? snapshot.guests.length;
      // Each process has the program in its resident memory, and the host has it once.
      const sharedKib = GUEST.qemuShared * PAGE_KIB * Math.max(0, running - 1);
      const residentKib = Math.max(0, guestsKib + unseenKib - sharedKib);
      this.#host.add(snapshot.host, columns.host, atS, { residentKib, balloonsKib });
    }
    for (const { action, status } of [...(policy?.outcomes ?? []), ...(relief?.outcomes ?? [])]) {
      if (status !== 'done' || action.control !== 'balloon_target' || action.guest === null) continue;
      if (typeof action.to === 'number') this.#byUuid.get(action.guest.uuid)?.balloon.setTarget(atS, action.to);
    }
  }

  #addGuest(guest: GuestSnapshot, columns: Columns, atS: number, timeMs: number): void {
    const { sample, uuid } = guest;
    let history = this.#byUuid.get(uuid);
    if (history === undefined || history.isAnother(guest, columns, atS)) {
      const memoryKib = columns.first(sample, 'balloon_max', 'balloon_cur') ?? 0;
      if (memoryKib < LEAST_MEMORY_KIB || memoryKib > MOST_MEMORY_KIB) return;
      if (this.#histories.length >= MOST_GUESTS)
        throw new NoDemandError(`${this.#path}: more than ${MOST_GUESTS} guests; --from and --to choose a part of it`);
      history = new GuestHistory(guest, columns, atS);
      this.#byUuid.set(uuid, history);
      this.#histories.push(history);
    }
    history.add(guest, columns, atS, timeMs);
  }

  /** @throws NoDemandError when there is nothing to simulate */
  result(name: string): Fitted {
    if (this.#host === null || this.#host.memoryKib < 256 * 1024 || this.#host.memoryKib > MOST_MEMORY_KIB)
      throw new NoDemandError(`${this.#path}: the recording has no interval with host statistics`);
    if (this.#histories.length === 0) throw new NoDemandError(`${this.#path}: no guest is in the recording`);
    const inferences = new Inferences();
    const names = new GuestNames();
    const context = { endS: this.#endS, swapShare: largestSwapShare(this.#histories), inferences };
    const guests = this.#histories.map((history) => guestSpec(history, names.take(history.name), context));
    const inferred: string[] = [];
    const host = this.#host.spec(inferred);
    if (this.#unseen.stay)
      inferred.push('host: guests without statistics are not recorded; they count as other programs');
    const errorKib = Math.max(...this.#histories.map(({ demand }) => demand.errorKib));
    inferred.push(
      ...inferences.lines(guests.length),
      `each curve stays within ${(errorKib / 1024).toFixed(1)} MiB of what is recorded, for the largest guest`,
      'all guests: 30 % of what programs want is idle, and 1 % of merged pages is written to in a minute',
    );
    if (this.#isCut) inferred.push('the recording is longer than 744 h; the rest of it is left out');
    inferred.push(...names.lines());
    const durationS = Math.max(60, this.#endS);
    const scenario: Scenario = {
      name,
      story: storyOf(this.#hostName, this.#startMs ?? 0, this.#endS),
      durationS,
      host,
      guests,
    };
    return { scenario, inferred };
  }
}

function storyOf(host: string | null, startMs: number, endS: number): string {
  const [from, to] = [startMs, startMs + endS * 1000].map((ms) => new Date(ms).toISOString().slice(0, 19));
  const of = host === null ? '' : ` of ${host.replaceAll(/[^\x20-\x7e]/g, '_').slice(0, 64)}`;
  return `A recording${of}, from ${from}Z to ${to}Z.`;
}
