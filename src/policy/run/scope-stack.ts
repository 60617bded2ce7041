import { catalogue } from '../messages/catalogue.ts';
import { PolicyFailure } from '../messages/fault.ts';
import type { Cell } from '../image/cells.ts';
import { Meter } from './meter.ts';
import type { Value } from '../values/values.ts';

/** The open scopes and calls. Scopes are dynamic: the innermost value of a name is in its cell, the hidden values are here. */
export class ScopeStack extends Meter {
  /** Number of open scopes. */
  depth = 0;
  /** Number of open calls, weighted by the size of the function. */
  calls = 0;
  readonly maxCalls: number = this.limits.callDepth;
  // Values shadowed by the open scopes. Parallel arrays, because an object per binding would dominate the cost of a call.
  readonly #cells: Cell[] = [];
  readonly #values: (Value | undefined)[] = [];
  readonly #depths: number[] = [];
  top = 0;

  /** Opens a call. Generated code inlines this, because nearly every function starts with it. */
  enter(frames: number, site: number): void {
    if ((this.calls += frames) > this.maxCalls) this.tooDeep(site);
  }

  tooDeep(site: number): never {
    throw new PolicyFailure(catalogue.calls(this.maxCalls), site);
  }

  /** Closes a call. */
  leave(frames: number): void {
    this.calls -= frames;
  }

  /** Binds a name in the innermost scope. */
  bind(cell: Cell, value: Value): void {
    const { top } = this;
    this.#cells[top] = cell;
    this.#values[top] = cell.value;
    this.#depths[top] = cell.depth;
    this.top = top + 1;
    cell.value = value;
    cell.depth = this.depth;
  }

  unwind(top: number): void {
    for (let at = this.top - 1; at >= top; at -= 1) {
      const cell = this.#cells[at] as Cell;
      cell.value = this.#values[at];
      cell.depth = this.#depths[at] as number;
    }
    this.top = top;
  }

  defvar(cell: Cell, value: Value): Value {
    if (cell.value !== undefined && cell.depth === this.depth) return cell.value;
    this.bind(cell, value);
    return value;
  }

  assign(cell: Cell, value: Value, site: number): Value {
    if (cell.value === undefined) throw new PolicyFailure(catalogue.notSettable(cell.name, null), site);
    cell.value = value;
    return value;
  }

  /** Forgets the values of closed scopes, which can be large, but keeps the room for the next evaluation. */
  protected forgetValues(): void {
    this.#values.fill(undefined);
  }

  /** Searches the values of a name in the outer scopes, innermost first. */
  protected findOutside<T>(cell: Cell, site: number, find: (value: Value | undefined) => T | undefined): T | undefined {
    // Not by the number of values: programs with the same meaning count the same steps, however their scopes are compiled.
    this.step(this.calls, site);
    for (let at = this.top - 1; at >= 0; at -= 1) {
      const found = this.#cells[at] === cell ? find(this.#values[at]) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
