import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PolicyMemory } from '../model/memory.ts';
import type { ParamOverride } from '../model/parameter.ts';
import { encodeInterval, plainOverride, type RecordedInterval, type RecordingHeader } from './format.ts';
import { encodeMemory } from './memory.ts';
import { waitInSteps } from '../support/deadline.ts';
import { syncDirectory } from '../support/sync-directory.ts';
import { expired, type Retention, type RotatedFile } from './expired.ts';
import { Segment } from './segment.ts';

export interface RecordingOptions extends Retention {
  /** The current file; rotated files in the same directory have the time of their last write in their names. */
  readonly path: string;
  /** Size at which a file is rotated, bytes. */
  readonly rotateBytes: number;
  /** Age at which a file is rotated, milliseconds. */
  readonly rotateMs: number;
  /** The header without the properties that depend on the start of a file. */
  readonly header: Omit<RecordingHeader, 'started' | 'memory' | 'parameters'>;
}

export type RecordingEvent =
  | { readonly kind: 'opened'; readonly path: string }
  | { readonly kind: 'failed'; readonly path: string; readonly error: Error }
  | { readonly kind: 'resumed'; readonly path: string; readonly lost: number }
  /** Closed, and the last intervals could not be written. */
  | { readonly kind: 'ended'; readonly path: string; readonly lost: number };

/** An interval that is not written yet. */
interface Waiting {
  readonly interval: RecordedInterval;
  readonly state: PolicyState;
  /** Its size in the file; null: not looked at, because the file is written to. */
  bytes: number | null;
}

/** Inputs of an evaluation other than the snapshot. */
interface PolicyState {
  readonly memory: PolicyMemory;
  readonly parameters: readonly ParamOverride[];
}

const NO_PARAMETERS: readonly ParamOverride[] = [];

/** Timeout of a write in steps, each in milliseconds: a hanging file system must not stop the daemon. */
const TIMEOUT_STEPS = 10;
const STEP_MS = 100;

/** Size in the file of intervals that are kept while it cannot be written to: hours of a small host. */
const WAITING_BYTES = 8 * 1024 * 1024;

/**
 * Writes intervals to a file, one complete line each. When a write fails (disk full), that file is closed after its last
 * complete line and the failure is reported once; each following interval tries a new file until one succeeds. Until then intervals
 * are kept in memory, up to a bound: beyond it the oldest are lost.
 */
export class RecordingWriter {
  readonly #options: RecordingOptions;
  readonly #report: (event: RecordingEvent) => void;
  #segment: Segment | null = null;
  /** The latest intervals before those that wait, repeated at the start of the next file. */
  #context: readonly RecordedInterval[];
  #waiting: Waiting[] = [];
  /** Intervals were lost after the last one of the current file, which therefore ends. */
  #hasGap = false;
  /** The overrides last written to the current file. */
  #parameters: readonly ParamOverride[] = [];
  #lost = 0;
  #failing = false;
  #writing = false;

  /** @param previous the writer that this one replaces, with other options */
  constructor(
    options: RecordingOptions,
    report: (event: RecordingEvent) => void,
    previous: RecordingWriter | null = null,
  ) {
    this.#options = options;
    this.#report = report;
    this.#context = [];
    if (previous === null) return;
    this.#context = previous.#context;
    for (const { interval } of previous.#waiting) this.#pass(interval);
  }

  /**
   * Writes one interval. File system errors are reported and not thrown; a hanging file system is not waited for.
   * @param before the policy's variables and timers before this interval's evaluation
   * @param parameters the overrides in this interval; the same array while they are unchanged
   */
  async write(
    interval: RecordedInterval,
    before: PolicyMemory,
    parameters: readonly ParamOverride[] = NO_PARAMETERS,
  ): Promise<void> {
    this.#waiting.push({ interval, state: { memory: before, parameters }, bytes: null });
    if (this.#writing) return this.#fail(new Error('the previous write has not finished'));
    await this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    this.#writing = true;
    const written = this.#append().finally(() => {
      this.#writing = false;
    });
    await waitInSteps(written, TIMEOUT_STEPS, STEP_MS);
  }

  async #append(): Promise<void> {
    let writing: Waiting | undefined;
    const before = { context: this.#context };
    try {
      for (writing = this.#waiting.shift(); writing !== undefined; writing = this.#waiting.shift()) {
        before.context = this.#context;
        this.#pass(writing.interval);
        await this.#appendOne(writing, before.context);
      }
      if (this.#failing) this.#report({ kind: 'resumed', path: this.#options.path, lost: this.#lost });
      this.#failing = false;
      this.#lost = 0;
    } catch (error) {
      this.#segment = null;
      // It is the next one again, unless later ones were lost meanwhile.
      if (this.#hasGap) this.#lost += 1;
      else {
        this.#context = before.context;
        this.#waiting.unshift(writing!);
      }
      this.#fail(error as Error);
    }
  }

  async #appendOne({ interval, state }: Waiting, context: readonly RecordedInterval[]): Promise<void> {
    const { rotateBytes, rotateMs, header } = this.#options;
    const { timeMs } = interval.snapshot;
    const old = this.#segment;
    if (old !== null && (this.#hasGap || old.size >= rotateBytes || timeMs - old.openedMs >= rotateMs)) {
      this.#segment = null;
      await old.close();
    }
    this.#hasGap = false;
    this.#segment ??= await this.#open(timeMs, state, context);
    const isSame = this.#parameters === state.parameters;
    const changed = isSame ? interval : { ...interval, parameters: state.parameters };
    await this.#segment.append(encodeInterval(changed, header.guest_props));
    this.#parameters = state.parameters;
  }

  /** The interval is part of what comes before the next one. */
  #pass(interval: RecordedInterval): void {
    const passed = { ...interval, context: true, policy: null } as const;
    this.#context = [...this.#context, passed].slice(-keptIn(this.#options.header));
  }

  #fail(error: Error): void {
    if (!this.#failing) this.#report({ kind: 'failed', path: this.#options.path, error });
    this.#failing = true;
    this.#loseOldest();
  }

  #loseOldest(): void {
    const { guest_props } = this.#options.header;
    let bytes = 0;
    for (const each of this.#waiting) {
      each.bytes ??= Buffer.byteLength(encodeInterval(each.interval, guest_props));
      bytes += each.bytes;
    }
    while (bytes > WAITING_BYTES) {
      const oldest = this.#waiting.shift()!;
      bytes -= oldest.bytes!;
      this.#lost += 1;
      this.#hasGap = true;
      this.#pass(oldest.interval);
    }
  }

  /** Completes and closes the file. Never throws: failures are reported. Does not wait for a hanging file system. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0 && !this.#writing) await this.#writeWaiting();
    const segment = this.#segment;
    this.#segment = null;
    const failed = (error: unknown) =>
      this.#report({ kind: 'failed', path: this.#options.path, error: error as Error });
    if (segment !== null) await waitInSteps(segment.close().catch(failed), TIMEOUT_STEPS, STEP_MS);
    const lost = this.#lost + this.#waiting.length;
    if (this.#failing && lost > 0) this.#report({ kind: 'ended', path: this.#options.path, lost });
  }

  async #open(
    nowMs: number,
    { memory, parameters }: PolicyState,
    context: readonly RecordedInterval[],
  ): Promise<Segment> {
    const { path, header } = this.#options;
    await mkdir(dirname(path), { recursive: true });
    await this.#rotate(nowMs);
    const segment = await Segment.create(path, nowMs);
    try {
      const first: RecordingHeader = {
        ...header,
        started: new Date(nowMs).toISOString(),
        memory: encodeMemory(memory),
        ...(parameters.length > 0 && { parameters: parameters.map(plainOverride) }),
      };
      await segment.append(JSON.stringify(first));
      for (const interval of context.slice(1 - keptIn(header))) {
        await segment.append(encodeInterval(interval, header.guest_props));
      }
    } catch (error) {
      // A file without intervals is useless, and rotating it would delete an older, valid file.
      await segment.abandon();
      await rm(path, { force: true });
      throw error;
    }
    this.#parameters = parameters;
    this.#report({ kind: 'opened', path });
    return segment;
  }

  async #rotate(nowMs: number): Promise<void> {
    const { path } = this.#options;
    const [, stem, ending] = /^(.*?)((?:\.jsonl)?(?:\.gz)?)$/.exec(basename(path))!;
    const folder = dirname(path);
    const names = await readdir(folder);
    const existing = await stat(path).catch(() => null);
    if (existing !== null) {
      if (!existing.isFile()) throw new Error('not a regular file, left untouched');
      const name = freeName(existing.mtimeMs, names, stem!, ending!);
      await rename(path, join(folder, name));
      await syncDirectory(folder);
      names.push(name);
    }
    const rotated: RotatedFile[] = [];
    for (const name of names) {
      const endMs = endOf(name, stem!, ending!);
      const found = endMs === null ? null : await stat(join(folder, name)).catch(() => null);
      if (endMs !== null && found !== null) rotated.push({ name, endMs, bytes: found.size });
    }
    for (const name of expired(rotated, nowMs, this.#options)) await rm(join(folder, name), { force: true });
  }
}

/** A name with this time, or the first later millisecond that is free: a rename would overwrite an existing file. */
function freeName(endMs: number, names: readonly string[], stem: string, ending: string): string {
  for (let ms = Math.trunc(endMs); ; ms++) {
    const name = `${stem}.${new Date(ms).toISOString().replace(/[-:]/g, '').replace('.', '')}${ending}`;
    if (!names.includes(name)) return name;
  }
}

/** The time in the name of a rotated file; null for any other name. */
function endOf(name: string, stem: string, ending: string): number | null {
  if (!name.startsWith(`${stem}.`) || !name.endsWith(ending)) return null;
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(
    name.slice(stem.length + 1, name.length - ending.length),
  );
  if (parts === null) return null;
  const [year, month, day, hour, minute, second, ms] = parts.slice(1).map(Number) as [number, ...number[]];
  return Date.UTC(year, month! - 1, day, hour, minute, second, ms);
}

/** The snapshots that a new file repeats. */
function keptIn({ history, kept }: Pick<RecordingHeader, 'history' | 'kept'>): number {
  return Math.max(history, kept ?? history);
}
