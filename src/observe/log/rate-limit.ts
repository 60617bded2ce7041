/** How many warnings and errors about one guest are written: so many at once, and one more in each period. */
const GUEST: Rate = { burst: 20, periodMs: 10_000 };

/** The same for those of one component that are about no guest: a list of problems has up to 50 lines. */
const OTHERS: Rate = { burst: 200, periodMs: 1_000 };

/** Keys that are remembered; the oldest is forgotten first. */
const MAX_KEYS = 10_000;

interface Rate {
  readonly burst: number;
  readonly periodMs: number;
}

interface Allowance {
  left: number;
  updatedMs: number;
  leftOut: number;
}

/** `leftOut`: lines since the last one that was written. */
export type Verdict =
  { readonly kind: 'write'; readonly leftOut: number } | { readonly kind: 'first-left-out' | 'leave-out' };

/**
 * Limits warnings and errors by component and guest: who changes a guest's metadata in each interval must not fill the disk. Other
 * lines are not limited: scripts count them.
 */
export class RateLimit {
  readonly #clock: () => number;
  readonly #allowances = new Map<string, Allowance>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** @param guest its uuid; null for lines about none */
  take(component: string, guest: string | null): Verdict {
    const { burst, periodMs } = guest === null ? OTHERS : GUEST;
    const now = this.#clock();
    const key = `${component} ${guest ?? ''}`;
    const allowance = this.#allowances.get(key) ?? { left: burst, updatedMs: now, leftOut: 0 };
    // Again at the end, so that the first key is the one that was used least recently.
    this.#allowances.delete(key);
    this.#allowances.set(key, allowance);
    if (this.#allowances.size > MAX_KEYS) this.#allowances.delete(this.#allowances.keys().next().value as string);

    const elapsed = Math.max(0, now - allowance.updatedMs);
    allowance.left = Math.min(burst, allowance.left + elapsed / periodMs);
    allowance.updatedMs = now;
    if (allowance.left < 1) {
      allowance.leftOut += 1;
      return { kind: allowance.leftOut === 1 ? 'first-left-out' : 'leave-out' };
    }
    allowance.left -= 1;
    const { leftOut } = allowance;
    allowance.leftOut = 0;
    return { kind: 'write', leftOut };
  }
}
