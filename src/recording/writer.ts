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

/** Inputs of an evaluation other than the snapshot. */
interface PolicyState {
  readonly memory: PolicyMemory;
  readonly parameters: readonly ParamOverride[];
}

const NO_PARAMETERS: readonly ParamOverride[] = [];

/** Timeout of a write in steps, each in milliseconds: a hanging file system must not stop the daemon. */
const TIMEOUT_STEPS = 10;
const STEP_MS = 100;

/**
 * Writes intervals to a file, one complete line each. When a write fails (disk full), that file is closed after its last
 * complete line and the failure is reported once; each following interval tries a new file until one succeeds.
 */
export class RecordingWriter {
  readonly #options: RecordingOptions;
  readonly #report: (event: RecordingEvent) => void;
  #segment: Segment | null = null;
  /** The latest intervals, repeated at the start of the next file. */
  #context: readonly RecordedInterval[];
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
    this.#context = previous === null ? [] : previous.#context;
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
    const context = this.#context;
    this.#context = [...context, { ...interval, context: true, policy: null }].slice(-keptIn(this.#options.header));
    if (this.#writing) return this.#lose(new Error('the previous write has not finished'));
    this.#writing = true;
    const written = this.#append(interval, { memory: before, parameters }, context).finally(() => {
      this.#writing = false;
    });
    await waitInSteps(written, TIMEOUT_STEPS, STEP_MS);
  }

  async #append(interval: RecordedInterval, state: PolicyState, context: readonly RecordedInterval[]): Promise<void> {
    const { path, rotateBytes, rotateMs, header } = this.#options;
    try {
      const old = this.#segment;
      if (old !== null && (old.size >= rotateBytes || interval.snapshot.timeMs - old.openedMs >= rotateMs)) {
        this.#segment = null;
        await old.close();
      }
      this.#segment ??= await this.#open(interval.snapshot.timeMs, state, context);
      const changed = this.#parameters === state.parameters ? interval : { ...interval, parameters: state.parameters };
      await this.#segment.append(encodeInterval(changed, header.guest_props));
      this.#parameters = state.parameters;
      if (this.#failing) this.#report({ kind: 'resumed', path, lost: this.#lost });
      this.#failing = false;
      this.#lost = 0;
    } catch (error) {
      this.#segment = null;
      this.#lose(error as Error);
    }
  }

  #lose(error: Error): void {
    this.#lost += 1;
    if (!this.#failing) this.#report({ kind: 'failed', path: this.#options.path, error });
    this.#failing = true;
  }

  /** Completes and closes the file. Never throws: failures are reported. Does not wait for a hanging file system. */
  async close(): Promise<void> {
    const segment = this.#segment;
    this.#segment = null;
    const failed = (error: unknown) =>
      this.#report({ kind: 'failed', path: this.#options.path, error: error as Error });
    if (segment !== null) await waitInSteps(segment.close().catch(failed), TIMEOUT_STEPS, STEP_MS);
    if (this.#failing) this.#report({ kind: 'ended', path: this.#options.path, lost: this.#lost });
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
