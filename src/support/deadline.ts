/** The work did not settle in time. Whether it will still take effect is not known. */
export class DeadlineError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'DeadlineError';
  }
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
  const own = new AbortController();
  const pass = () => own.abort(signal.reason);
  signal.addEventListener('abort', pass, { once: true });
  const timer = setTimeout(() => own.abort(new DeadlineError(ms)), ms);
  try {
    return await new Promise<T>((resolve, reject) => {
      own.signal.addEventListener('abort', () => reject(own.signal.reason as Error), { once: true });
      work(own.signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', pass);
  }
}
