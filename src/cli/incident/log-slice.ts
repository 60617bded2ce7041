import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { constants } from 'node:fs';
import { NotRegularError } from '../../support/read-limited.ts';
import { endOf, isIn, startOf, type Window } from './window.ts';

export interface LogSlice {
  readonly text: string;
  readonly source: string;
  readonly note: string | null;
}

/** Characters on either side of the middle. */
const MOST = 1024 * 1024;
const MOST_LINE = 16_384;
/** Of a larger file, only the end is read, bytes. */
const MOST_FILE = 512 * 1024 ** 2;

/** The lines of a log in a window. @throws errors of the file system, NotRegularError */
export async function logSlice(path: string, window: Window): Promise<LogSlice> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new NotRegularError(true);
    const start = Math.max(0, found.size - MOST_FILE);
    const kept = new Kept(window);
    const input = file.createReadStream({ start, end: found.size, autoClose: false });
    for await (const line of createInterface({ input, crlfDelay: Infinity })) kept.add(line.slice(0, MOST_LINE));
    const cut = start > 0 ? [`only the last ${MOST_FILE / 1024 ** 2} MiB of the file were read`] : [];
    const { firstMs } = kept;
    const rotated =
      firstMs !== null && firstMs > startOf(window)
        ? [`the file begins at ${new Date(firstMs).toISOString()}; what is older may be in rotated files`]
        : [];
    const notes = [...cut, ...rotated, ...kept.notes];
    return { text: kept.text, source: path, note: notes.length === 0 ? null : notes.join('; ') };
  } finally {
    await file.close();
  }
}

/** Lines without a time (a stack) belong to the line before. */
class Kept {
  readonly #window: Window;
  readonly #before: string[] = [];
  readonly #after: string[] = [];
  #beforeLength = 0;
  #afterLength = 0;
  #isIn = false;
  #isAfter = false;
  #dropped = 0;
  firstMs: number | null = null;

  constructor(window: Window) {
    this.#window = window;
  }

  add(line: string): void {
    const timeMs = timeOf(line, this.#window.aroundMs);
    if (timeMs !== null) {
      this.firstMs ??= timeMs;
      this.#isIn = isIn(this.#window, timeMs);
      this.#isAfter = timeMs > this.#window.aroundMs;
    }
    if (!this.#isIn) return;
    if (!this.#isAfter) {
      this.#before.push(line);
      this.#beforeLength += line.length + 1;
      for (; this.#beforeLength > MOST; this.#dropped += 1) this.#beforeLength -= this.#before.shift()!.length + 1;
    } else if (this.#afterLength + line.length + 1 > MOST) this.#dropped += 1;
    else {
      this.#after.push(line);
      this.#afterLength += line.length + 1;
    }
  }

  get notes(): readonly string[] {
    return this.#dropped === 0 ? [] : [`${this.#dropped} lines are left out: these are the closest ones`];
  }

  get text(): string {
    return [...this.#before, ...this.#after].map((line) => `${line}\n`).join('');
  }
}

const JSON_TIME = /"time":"([^"]{10,40})"/;
/** As in MOM's format, `2021-07-14 02:32:08,106`, or ISO 8601; in brackets or not. */
const DATED = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,3}))?(Z|[+-]\d\d:?\d\d)?/;
/** As in the format for terminals: local time of the day. */
const CLOCK = /^\[(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?\]/;

/** The time of a line; null: it has none. A time of day is that which is closest. */
function timeOf(line: string, aroundMs: number): number | null {
  const json = line.startsWith('{') ? JSON_TIME.exec(line)?.[1] : undefined;
  if (json !== undefined) return parsed(json);
  const dated = DATED.exec(line);
  if (dated) return parsed(`${dated[1]}T${dated[2]}.${(dated[3] ?? '0').padEnd(3, '0')}${dated[4] ?? ''}`);
  const clock = CLOCK.exec(line);
  if (!clock) return null;
  const [hours, minutes, seconds, ms] = clock.slice(1).map((part) => Number(part ?? 0));
  const days = [-1, 0, 1].map((day) => {
    const date = new Date(aroundMs);
    date.setDate(date.getDate() + day);
    return date.setHours(hours!, minutes, seconds, ms);
  });
  return days.reduce((best, each) => (Math.abs(each - aroundMs) < Math.abs(best - aroundMs) ? each : best));
}

function parsed(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

const JOURNAL_MS = 10_000;

/** The same of the journal of the service. @throws Error that says why there is none */
export function journalSlice(unit: string, window: Window): Promise<LogSlice> {
  const second = (ms: number) => `@${Math.floor(ms / 1000)}`;
  const times = [`--since=${second(startOf(window))}`, `--until=${second(endOf(window) + 999)}`];
  const args = ['--unit', unit, ...times, '--no-pager', '--quiet', '--output=short-iso-precise'];
  return new Promise((resolve, reject) => {
    execFile('journalctl', args, { timeout: JOURNAL_MS, maxBuffer: 2 * MOST }, (error, stdout, stderr) => {
      const code = (error as NodeJS.ErrnoException | null)?.code;
      const isCut = code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
      if (code === 'ENOENT') return reject(new Error('there is no journalctl; name a log with --log FILE'));
      if (error !== null && !isCut) return reject(new Error(`journalctl failed: ${stderr.trim() || error.message}`));
      if (stdout === '') return reject(new Error(`the journal has nothing of the unit ${unit} at this time`));
      resolve({ text: stdout, source: `journalctl ${args.slice(0, 4).join(' ')}`, note: isCut ? 'its end is left out: it would be too large' : null }); // prettier-ignore
    });
  });
}
