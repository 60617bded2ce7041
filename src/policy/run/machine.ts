import type { Timer } from '../../model/timers.ts';
import type { CompiledFunction } from '../image/cells.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Entity } from '../values/entity.ts';
import type { Journal, Mark } from './journal.ts';
import type { ParamValues } from '../params/resolve.ts';
import { Calls } from './calls.ts';
import { heldFor, isDue, keepTimer, type Times } from './pace.ts';
import type { Via } from '../values/requested.ts';
import type { Image } from '../image/image.ts';
import { describe, isList, type Value } from '../values/values.ts';

/** Memory above which the values of an evaluation are not kept until the next one. */
const LARGE_BYTES = 1_048_576;
/** Calls of a path that reasons are made from. */
const MAX_VIA = 100;

/**
 * The state of an evaluation, and the runtime functions that compiled code calls. Each program has one machine and reuses
 * it, so that its arrays keep their capacity.
 */
export class Machine extends Calls {
  /** Whether an evaluation is running. */
  busy = false;
  /** The values of the top-level expressions; null if not requested. */
  results: Value[] | null = null;
  host!: Entity;
  /** Parameter overrides. */
  params: ParamValues | null = null;
  /** The output of `debug`, with sites. */
  debugOutput: { readonly text: string; readonly site: number }[] = [];

  #times: Times = { nowMs: 0, beforeMs: null };

  begin(
    image: Image,
    journal: Journal,
    times: Times,
    isolate: boolean,
    clock: (() => number) | null,
    params: ParamValues | null,
    results: Value[] | null,
  ): void {
    this.#times = times;
    this.params = params;
    this.resetGuestParams();
    this.image = image;
    this.journal = journal;
    this.isolate = isolate;
    this.startMeters(clock);
    this.results = results;
    this.failed = [];
    this.debugOutput = [];
  }

  /** Initialises the step and time limits of a file. */
  startFile(file: number, steps: number): Mark {
    this.startMeter(steps);
    this.file = file;
    this.current = this.host;
    this.fileMark = this.journal.mark();
    return this.fileMark;
  }

  /** Closes scopes left open by an error. No scope is open between top-level expressions. */
  closeAll(): void {
    this.unwind(0);
    this.depth = 0;
    this.calls = 0;
    this.reason = null;
  }

  /** Lets go of the values of a finished evaluation. */
  finish(): void {
    this.closeAll();
    // Usually they are small and overwritten by the next evaluation.
    if (this.limits.memoryBytes - this.memoryLeft > LARGE_BYTES) this.forgetValues();
  }

  /** Records the value of a top-level expression. */
  topLevel(value: Value, site: number): void {
    this.#measure(value, site);
    this.results?.push(value);
  }

  /** Checks the size of a result: lists may share parts, so a small program can create one that exceeds any memory. */
  #measure(value: Value, site: number): void {
    const { listDepth, storedSize } = this.limits;
    this.site = site;
    let sizeLeft = storedSize;
    const measure = (part: Value, depth: number): void => {
      sizeLeft -= typeof part === 'string' ? part.length + 1 : 1;
      if (sizeLeft < 0) this.fail(catalogue.storedSize('the result', storedSize), site);
      if (typeof part !== 'object' || part === null || !isList(part)) return;
      if (depth >= listDepth) this.fail(catalogue.listDepth(listDepth), site);
      this.step(part.length >> 3, site);
      for (const item of part) measure(item, depth + 1);
    };
    measure(value, 0);
  }

  // Parameters, reasons and time

  /** Enters a `because`. Returns the reason to restore. */
  because(reason: Value, site: number): string | null {
    const outer = this.reason;
    if (typeof reason !== 'string') return this.fail(catalogue.reasonWanted(describe(reason)), site);
    this.reason = reason;
    return outer;
  }

  /** The call path to a place, as far as it is not known statically: the call of the enclosing function, and the calls above it. */
  via(around: CompiledFunction): Via {
    const sites: number[] = [];
    const seen = new Set<CompiledFunction>();
    for (
      let next: CompiledFunction | null = around;
      next !== null && !seen.has(next) && next.calledFrom !== -1 && sites.length < MAX_VIA;
      next = this.image.multiCallerAround(next.calledFrom)
    ) {
      seen.add(next);
      sites.push(next.calledFrom);
    }
    this.step(sites.length, this.site);
    return sites.join(' ');
  }

  paramOf({ guest }: Entity, name: string): number | string | undefined {
    const byDefault = this.image.paramDefault(name);
    if (byDefault === undefined || this.params === null) return byDefault;
    const own = guest === null ? undefined : this.params.guests.get(name)?.get(guest.uuid);
    return own ?? this.params.values.get(name) ?? byDefault;
  }

  heldFor(key: Value, holds: boolean, duration: Value, site: number): boolean {
    this.site = site;
    return heldFor(this, this.#times, key, holds, duration, site);
  }

  isDue(key: string, duration: Value, site: number): boolean {
    this.site = site;
    return isDue(this, this.#times, key, duration, site);
  }

  /** Records that the body of an `every` or `cooldown` has run. */
  ran(key: string, site: number): void {
    keepTimer(this, key, { ranMs: this.#times.nowMs }, site);
  }

  // For builtins

  get nowMs(): number {
    return this.#times.nowMs;
  }

  timer(name: string): Timer | null {
    return this.journal.timer(this.current, name) ?? null;
  }

  keepTimer(name: string, timer: Timer | null): void {
    keepTimer(this, name, timer, this.site);
  }

  writtenAsFraction(argument: number): boolean {
    return this.image.isFraction(this.site, argument);
  }

  nilHint(args: readonly Value[]): string | null {
    const field = args.findIndex((value) => value === null);
    const text = field === -1 ? null : this.image.argumentText(this.site, field);
    return text === null ? null : `${text} is nil; test it first: (if (valid ${text}) … …)`;
  }

  debug(text: string): void {
    this.debugOutput.push({ text, site: this.site });
  }
}
