/** The work did not settle in time. It may still take effect. */
export class DeadlineError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'DeadlineError';
  }
}

/** Limits of a wait. Without `ms` and `signal`: no limit. */
export interface WaitLimits {
  /** Milliseconds. */
  readonly ms?: number;
  /** When it aborts, the wait ends after `graceMs`, which replaces the rest of `ms`. */
  readonly signal?: AbortSignal;
  /** For work that stops on the same signal. Milliseconds. Default: 0. */
  readonly graceMs?: number;
}

export type Waited<T> =
  { readonly ended: true; readonly value: T } | { readonly ended: false; readonly because: 'time' | 'abort' };

/**
 * Waits for work that cannot be cancelled, such as a write to a hanging file system. Leaves no timers or listeners behind. The result
 * of work that settles later is ignored.
 * @throws the error of work that rejects in time
 */
export function waitAtMost<T>(work: Promise<T>, { ms, signal, graceMs = 0 }: WaitLimits): Promise<Waited<T>> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const giveUp = (because: 'time' | 'abort'): void => {
      finish();
      resolve({ ended: false, because });
    };
    const onAbort = (): void => {
      if (graceMs === 0) return giveUp('abort');
      clearTimeout(timer);
      timer = setTimeout(giveUp, graceMs, 'abort');
    };
    if (ms !== undefined) timer = setTimeout(giveUp, ms, 'time');
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    work.finally(finish).then((value) => resolve({ ended: true, value }), reject);
  });
}

/** Waits at most `steps` times `stepMs`. Several short waits, so that a pause of the whole process does not count as a timeout. */
export async function waitInSteps(work: Promise<void>, steps: number, stepMs: number): Promise<void> {
  for (let step = 0; step < steps; step++) if ((await waitAtMost(work, { ms: stepMs })).ended) return;
}

/** Awaits the work. @throws the reason of `signal` if it aborts first; the error of the work */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const waited = await waitAtMost(work, { signal });
  if (!waited.ended) throw signal.reason;
  return waited.value;
}

export interface Deadline {
  /** Aborts with a {@link DeadlineError}, or with the reason of the parent signal. */
  readonly signal: AbortSignal;
  /** Must be called when the work has finished. */
  readonly clear: () => void;
}

/** Starts a timeout: `signal` of the result aborts after `ms`, or when the given signal aborts. */
export function startDeadline(signal: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DeadlineError(ms)), ms);
  // Not AbortSignal.any: it leaks memory on a long-lived signal.
  const forward = (): void => controller.abort(signal.reason);
  if (signal.aborted) forward();
  else signal.addEventListener('abort', forward, { once: true });
  const clear = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  };
  return { signal: controller.signal, clear };
}

/**
 * Runs `work` with a signal that aborts after `ms` or when `signal` aborts, and settles then even if the work does not:
 * a write to a kernel file cannot be cancelled.
 * @throws DeadlineError after `ms`; the reason of `signal` if it aborts first; the error of the work
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
