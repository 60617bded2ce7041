import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PolicyMemory } from '../model/memory.ts';
import type { ParamOverride } from '../model/parameter.ts';
import { encodeInterval, plainOverride, type RecordedInterval, type RecordingHeader } from './format.ts';
import { encodeMemory } from './memory.ts';
import { waitInSteps } from '../support/deadline.ts';
import { Segment } from './segment.ts';

export interface RecordingOptions {
  /** The file that is written now; older ones stand beside it with the time of their end in their names. */
  readonly path: string;
  /** A file larger than this is put aside, bytes. */
  readonly rotateBytes: number;
  /** A file older than this is put aside, milliseconds. */
  readonly rotateMs: number;
  /** How many files that were put aside are kept. */
  readonly keep: number;
  /** All of the header but what depends on the moment a file is begun. */
  readonly header: Omit<RecordingHeader, 'started' | 'memory' | 'parameters'>;
}

export type RecordingEvent =
  | { readonly kind: 'opened'; readonly path: string }
  | { readonly kind: 'failed'; readonly path: string; readonly error: Error }
  | { readonly kind: 'resumed'; readonly path: string; readonly lost: number }
  /** Over, and the last intervals could not be written. */
  | { readonly kind: 'ended'; readonly path: string; readonly lost: number };

/** What an evaluation read besides the snapshot. */
interface PolicyState {
  readonly memory: PolicyMemory;
  readonly parameters: readonly ParamOverride[];
}

const NO_PARAMETERS: readonly ParamOverride[] = [];

/** The daemon waits no longer for a write than so many steps of so many milliseconds: guests matter more than the record of them. */
const PATIENCE_STEPS = 10;
const STEP_MS = 100;

/**
 * Writes intervals to a file, a line each, whole or not at all. A write that fails (a full disk) ends that file after
 * its last whole line and is told once; the following intervals try a new file until one succeeds.
 */
export class RecordingWriter {
  readonly #options: RecordingOptions;
  readonly #tell: (event: RecordingEvent) => void;
  #segment: Segment | null = null;
  /** The latest intervals, for the head of the next file. */
  #context: readonly RecordedInterval[];
  /** What the present file says of the policy's parameters so far. */
  #parameters: readonly ParamOverride[] = [];
  #lost = 0;
  #failing = false;
  #writing = false;

  /** @param before the writer that this one goes on for, with other options */
  constructor(options: RecordingOptions, tell: (event: RecordingEvent) => void, before: RecordingWriter | null = null) {
    this.#options = options;
    this.#tell = tell;
    this.#context = before === null ? [] : before.#context;
  }

  /**
   * Writes one interval. @param before the policy's variables as they were before this interval's evaluation
   * @param parameters what was set for the policy's parameters in it; the same list as long as that is the same
   * Never throws for what the file system does, and does not wait for one that hangs.
   */
  async write(
    interval: RecordedInterval,
    before: PolicyMemory,
    parameters: readonly ParamOverride[] = NO_PARAMETERS,
  ): Promise<void> {
    const context = this.#context;
    this.#context = [...context, { ...interval, context: true, policy: null }].slice(-this.#options.header.history);
    if (this.#writing) return this.#lose(new Error('the previous write has not finished'));
    this.#writing = true;
    const written = this.#append(interval, { memory: before, parameters }, context).finally(() => {
      this.#writing = false;
    });
    await waitInSteps(written, PATIENCE_STEPS, STEP_MS);
  }

  async #append(interval: RecordedInterval, state: PolicyState, context: readonly RecordedInterval[]): Promise<void> {
    const { path, rotateBytes, rotateMs, header } = this.#options;
    try {
      const old = this.#segment;
      if (old !== null && (old.size >= rotateBytes || interval.snapshot.timeMs - old.openedMs >= rotateMs)) {
        this.#segment = null;
        await old.close();
      }
      this.#segment ??= await this.#begin(interval.snapshot.timeMs, state, context);
      const changed = this.#parameters === state.parameters ? interval : { ...interval, parameters: state.parameters };
      await this.#segment.append(encodeInterval(changed, header.guest_props));
      this.#parameters = state.parameters;
      if (this.#failing) this.#tell({ kind: 'resumed', path, lost: this.#lost });
      this.#failing = false;
      this.#lost = 0;
    } catch (error) {
      this.#segment = null;
      this.#lose(error as Error);
    }
  }

  #lose(error: Error): void {
    this.#lost += 1;
    if (!this.#failing) this.#tell({ kind: 'failed', path: this.#options.path, error });
    this.#failing = true;
  }

  /** Ends the file properly. Never throws: a failure is told. Does not wait for a file system that hangs. */
  async close(): Promise<void> {
    const segment = this.#segment;
    this.#segment = null;
    const failed = (error: unknown) => this.#tell({ kind: 'failed', path: this.#options.path, error: error as Error });
    if (segment !== null) await waitInSteps(segment.close().catch(failed), PATIENCE_STEPS, STEP_MS);
    if (this.#failing) this.#tell({ kind: 'ended', path: this.#options.path, lost: this.#lost });
  }

  async #begin(
    nowMs: number,
    { memory, parameters }: PolicyState,
    context: readonly RecordedInterval[],
  ): Promise<Segment> {
    const { path, header } = this.#options;
    await mkdir(dirname(path), { recursive: true });
    await this.#putAside();
    const segment = await Segment.create(path, nowMs);
    try {
      const first: RecordingHeader = {
        ...header,
        started: new Date(nowMs).toISOString(),
        memory: encodeMemory(memory),
        ...(parameters.length > 0 && { parameters: parameters.map(plainOverride) }),
      };
      await segment.append(JSON.stringify(first));
      for (const interval of context.slice(1 - header.history)) {
        await segment.append(encodeInterval(interval, header.guest_props));
      }
    } catch (error) {
      // A file that could not even be begun says nothing: it would only push a good one out.
      await segment.abandon();
      await rm(path, { force: true });
      throw error;
    }
    this.#parameters = parameters;
    this.#tell({ kind: 'opened', path });
    return segment;
  }

  async #putAside(): Promise<void> {
    const { path, keep } = this.#options;
    const [, stem, ending] = /^(.*?)((?:\.jsonl)?(?:\.gz)?)$/.exec(basename(path))!;
    const folder = dirname(path);
    const names = await readdir(folder);
    const existing = await stat(path).catch(() => null);
    if (existing !== null) {
      if (!existing.isFile()) throw new Error('not a regular file, left untouched');
      const name = freeName(existing.mtimeMs, names, stem!, ending!);
      await rename(path, join(folder, name));
      names.push(name);
    }
    const aside = names.filter((name) => isAside(name, stem!, ending!)).sort();
    for (const name of aside.slice(0, Math.max(0, aside.length - keep))) await rm(join(folder, name), { force: true });
  }
}

/** The time of the end, or the first millisecond after it that no other file has: renaming would replace that one. */
function freeName(endMs: number, names: readonly string[], stem: string, ending: string): string {
  for (let ms = Math.trunc(endMs); ; ms++) {
    const name = `${stem}.${new Date(ms).toISOString().replace(/[-:]/g, '').replace('.', '')}${ending}`;
    if (!names.includes(name)) return name;
  }
}

function isAside(name: string, stem: string, ending: string): boolean {
  if (!name.startsWith(`${stem}.`) || !name.endsWith(ending)) return false;
  return /^\d{8}T\d{9}Z$/.test(name.slice(stem.length + 1, name.length - ending.length));
}
