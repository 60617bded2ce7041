import type { Guest } from '../../support/index.ts';
import { FLOOR_KIB, INTERVAL_MS, type FaultRun } from './fault-bed.ts';
import { missedIntervals, recordedMoments, type RecordedMoment } from './recording.ts';
import { counted } from './table.ts';

/** What a fault has cost. */
export interface Harm {
  /** Guests whose QEMU has ended or that do not answer. */
  readonly guests: readonly string[];
  /** Guests in which something was killed for lack of memory. */
  readonly killedIn: readonly string[];
  /** Recorded sizes below the floor. */
  readonly belowFloor: number;
  readonly missed: number;
  readonly intervals: number;
  /** Intervals in which no guest could be read. */
  readonly withoutGuests: number;
  readonly smallestKib: number;
  readonly stackTraces: number;
  /** In words; `nothing` if nothing was lost. */
  readonly lost: string;
}

/** Watches guests and a daemon while something fails. */
export class Watch {
  readonly #run: FaultRun;
  readonly #guests: readonly Guest[];
  readonly #pids: readonly number[];
  readonly #consoles: readonly string[];
  /** Intervals that were recorded before the begin. */
  readonly #fromMoment: number;
  readonly #from: { readonly stdout: number; readonly stderr: number };

  private constructor(
    run: FaultRun,
    guests: readonly Guest[],
    pids: readonly number[],
    consoles: readonly string[],
    fromMoment: number,
  ) {
    this.#fromMoment = fromMoment;
    this.#run = run;
    this.#guests = guests;
    this.#pids = pids;
    this.#consoles = consoles;
    this.#from = run.ballast.lineCount();
  }

  /** @param guests those that must survive */
  static async begin(run: FaultRun, guests: readonly Guest[]): Promise<Watch> {
    const pids = await Promise.all(guests.map((guest) => guest.pid()));
    const consoles = await Promise.all(guests.map((guest) => guest.consoleLog()));
    return new Watch(run, guests, pids, consoles, (await recordedMoments(run.recording)).length);
  }

  /** The lines that the daemon has logged since the begin. */
  lines(): readonly string[] {
    return this.#run.ballast.stderr.slice(this.#from.stderr);
  }

  count(pattern: RegExp): number {
    return this.lines().filter((line) => pattern.test(line)).length;
  }

  /** The intervals recorded since the begin. */
  async moments(): Promise<readonly RecordedMoment[]> {
    return (await recordedMoments(this.#run.recording)).slice(this.#fromMoment);
  }

  async end(): Promise<Harm> {
    const moments = await this.moments();
    const sizes = moments.flatMap(({ sizesKib }) => [...sizesKib.values()].filter((kib) => kib !== null));
    const answers = await Promise.all(this.#guests.map(async (guest, at) => {
      const pid = await guest.pid().catch(() => null);
      return pid === this.#pids[at] && (await guest.alive());
    })); // prettier-ignore
    const consoles = await Promise.all(this.#guests.map((guest) => guest.consoleLog()));
    const killed = consoles.map((text, at) => /Out of memory|oom-kill/.test(text.slice(this.#consoles[at]!.length)));
    const named = (which: readonly boolean[]): string[] =>
      this.#guests.filter((_, at) => which[at]).map(({ domain }) => domain);
    const harm = {
      guests: named(answers.map((answer) => !answer)),
      killedIn: named(killed),
      belowFloor: sizes.filter((kib) => kib < FLOOR_KIB).length,
      missed: missedIntervals(moments, INTERVAL_MS),
      intervals: moments.length,
      withoutGuests: moments.filter(({ sizesKib }) => sizesKib.size === 0).length,
      smallestKib: Math.min(...sizes),
      stackTraces: this.count(/^ +(?:\| )?at /),
    };
    return { ...harm, lost: lostText(harm) };
  }
}

function lostText(harm: Omit<Harm, 'lost'>): string {
  const parts = [
    [harm.guests.length, counted(harm.guests.length, 'guest')],
    [harm.killedIn.length, `processes in ${counted(harm.killedIn.length, 'guest')}`],
    [harm.belowFloor, `the floor in ${counted(harm.belowFloor, 'sample')}`],
    [harm.missed, `${harm.missed} of ${counted(harm.intervals + harm.missed, 'interval')}`],
  ] as const;
  const lost = parts.filter(([count]) => count > 0).map(([, text]) => text);
  return lost.length === 0 ? 'nothing' : lost.join(', ');
}

/** The first warnings and errors among the lines, each kind once, shortened. */
export function complaints(lines: readonly string[], most = 2): string {
  const texts = lines
    .map((line) => line.replaceAll(/\/\S*\/faults-\w+\//g, ''))
    .flatMap((line) => / - (?:WARNING|ERROR) - (.{0,110})/.exec(line)?.[1] ?? []);
  const kinds = new Map(texts.map((text) => [text.replaceAll(/[\d.]+/g, '#').replaceAll(/guest:\S+/g, ''), text]));
  if (kinds.size === 0) return 'no warning';
  return [...kinds.values()].slice(0, most).map((text) => `"${text}"`).join(', '); // prettier-ignore
}
