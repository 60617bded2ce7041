import { NoDemandError, type Fitted } from '../fitted.ts';
import { assumedHost } from '../host-defaults.ts';
import { Inferences } from '../inferences.ts';
import { GuestNames } from '../names.ts';
import { GuestHistory } from '../recording/guest-history.ts';
import { guestSpec, largestSwapShare } from '../recording/guest-spec.ts';
import { HostHistory } from '../recording/host-history.ts';
import { MomTable } from './table.ts';

const LONGEST_S = 744 * 3600;
const LEAST_MEMORY_KIB = 64 * 1024;

/** The name that MOM gives to the host. */
const HOST = 'Host';

/** Times of rows, milliseconds since the epoch, both included. */
export interface MomRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When the first and the last row of the files of a plot directory are. */
export class MomTimes {
  firstMs = Infinity;
  lastMs = -Infinity;

  reader(file: string): (text: string, line: number) => void {
    const table = new MomTable(file);
    return (text, line) => {
      const row = table.row(text, line);
      if (row === null) return;
      this.firstMs = Math.min(this.firstMs, row.timeMs);
      this.lastMs = Math.max(this.lastMs, row.timeMs);
    };
  }
}

/** Fits a scenario to MOM's plot directory: a file for each guest, and one for the host. */
export class MomFit {
  readonly #path: string;
  readonly #range: MomRange;
  readonly #histories: GuestHistory[] = [];
  #host: HostHistory | null = null;
  #endS = 0;
  #isCut = false;

  /** @param range of the rows that are used: the first is where the scenario begins */
  constructor(path: string, range: MomRange) {
    this.#path = path;
    this.#range = range;
  }

  /** @param name of the file, without its ending */
  reader(file: string, name: string): (text: string, line: number) => void {
    const table = new MomTable(file);
    let history: GuestHistory | null = null;
    return (text, line) => {
      const row = table.row(text, line);
      if (row === null || row.timeMs < this.#range.fromMs || row.timeMs > this.#range.toMs) return;
      const { timeMs, sample, columns } = row;
      const atS = Math.round((timeMs - this.#range.fromMs) / 1000);
      if (atS > LONGEST_S) {
        this.#isCut = true;
        return;
      }
      this.#endS = Math.max(this.#endS, atS);
      if (name === HOST) {
        this.#host ??= new HostHistory(sample, columns);
        this.#host.add(sample, columns, atS, null);
        return;
      }
      const guest = { name, uuid: name, props: {}, sample };
      if (history === null) {
        history = new GuestHistory(guest, columns, atS);
        if (history.memoryKib >= LEAST_MEMORY_KIB) this.#histories.push(history);
      }
      history.add(guest, columns, atS, timeMs);
    };
  }

  /** @param memoryKib of the host, when it is not recorded @throws NoDemandError */
  result(name: string, memoryKib: number | null): Fitted {
    const histories = this.#histories.filter(({ figures }) => figures.reports > 0);
    if (histories.length === 0)
      throw new NoDemandError(`${this.#path}: no guest has mem_available and mem_unused in its file`);
    const [inferred, inferences, names]: [string[], Inferences, GuestNames] = [[], new Inferences(), new GuestNames()];
    const context = { endS: this.#endS, swapShare: largestSwapShare(histories), inferences, isOfMom: true };
    const guests = histories.map((history) => guestSpec(history, names.take(history.name), context));
    const guestsKib = guests.reduce((sum, guest) => sum + guest.memoryKib, 0);
    const recorded = memoryKib === null && this.#host !== null && this.#host.memoryKib > 0 ? this.#host : null;
    const host = recorded?.spec(inferred) ?? assumedHost(memoryKib, guestsKib, inferred);
    inferred.push(...inferences.lines(guests.length), ...names.lines());
    if (this.#isCut) inferred.push('the files cover more than 744 h; the rest of it is left out');
    const from = new Date(this.#range.fromMs).toISOString().slice(0, 19);
    const story = `Plots of MOM with ${guests.length} ${guests.length === 1 ? 'guest' : 'guests'}, from ${from}Z.`;
    return { scenario: { name, story, durationS: Math.max(60, this.#endS), host, guests }, inferred };
  }
}
