/** The work did not settle in time. Whether it will still take effect is not known. */
export class DeadlineError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'DeadlineError';
  }
}

/** How long to wait. Without `ms` and `signal` as long as it takes. */
export interface WaitLimits {
  /** Milliseconds. */
  readonly ms?: number;
  /** When it aborts, the wait ends after `graceMs`, whatever is left of `ms`. */
  readonly signal?: AbortSignal;
  /** For work that ends by itself when the signal comes. Milliseconds; 0 by default. */
  readonly graceMs?: number;
}

export type Waited<T> =
  { readonly ended: true; readonly value: T } | { readonly ended: false; readonly because: 'time' | 'abort' };

/**
 * Waits for work that cannot be ended, such as a write to a file system that hangs. No timer and no listener is left behind. How
 * work ends that was given up matters to nobody.
 * @throws what the work throws in time
 */
export function waitAtMost<T>(work: Promise<T>, { ms, signal, graceMs = 0 }: WaitLimits): Promise<Waited<T>> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', hurry);
    };
    const giveUp = (because: 'time' | 'abort'): void => {
      finish();
      resolve({ ended: false, because });
    };
    const hurry = (): void => {
      if (graceMs === 0) return giveUp('abort');
      clearTimeout(timer);
      timer = setTimeout(giveUp, graceMs, 'abort');
    };
    if (ms !== undefined) timer = setTimeout(giveUp, ms, 'time');
    if (signal?.aborted) hurry();
    else signal?.addEventListener('abort', hurry, { once: true });
    work.finally(finish).then((value) => resolve({ ended: true, value }), reject);
  });
}

/** The same in so many steps: a process that was itself held up does not blame the work for it. */
export async function waitInSteps(work: Promise<void>, steps: number, stepMs: number): Promise<void> {
  for (let step = 0; step < steps; step++) if ((await waitAtMost(work, { ms: stepMs })).ended) return;
}

/** What the work comes to. @throws the reason of `signal` when that aborts first; what the work throws */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const waited = await waitAtMost(work, { signal });
  if (!waited.ended) throw signal.reason;
  return waited.value;
}

export interface Deadline {
  /** Aborts with a {@link DeadlineError}, or as the signal that it was made from. */
  readonly signal: AbortSignal;
  /** To be called when the work is over. */
  readonly clear: () => void;
}

/** Begins a time after which `signal` of the result aborts; it also does when the given signal does. */
export function startDeadline(signal: AbortSignal, ms: number): Deadline {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new DeadlineError(ms)), ms);
  // Not AbortSignal.any: what it leaves at a signal that lives for months adds up.
  const pass = (): void => own.abort(signal.reason);
  if (signal.aborted) pass();
  else signal.addEventListener('abort', pass, { once: true });
  const clear = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', pass);
  };
  return { signal: own.signal, clear };
}

/**
 * Runs `work` with a signal that aborts after `ms` or when `signal` does, and settles then even if the work does not:
 * a write to a file of the kernel cannot be taken back.
 * @throws DeadlineError after `ms`; the reason of `signal` when that came first; what the work throws
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const deadline = startDeadline(signal, ms);
  try {
    return await untilAborted(deadline.signal, work(deadline.signal));
  } finally {
    deadline.clear();
  }
}
