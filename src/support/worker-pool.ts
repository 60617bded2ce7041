import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { OperatorError } from './operator-error.ts';

/** What a worker sends while it works on a job, and at its end. */
export type FromWorker<Progress, Result> =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'result'; readonly result: Result }
  /** A known error: its message is all there is to say. Any other error ends the worker. */
  | { readonly kind: 'failed'; readonly message: string };

/** What a worker receives. */
export type ToWorker<Job> = { readonly kind: 'job'; readonly job: Job } | { readonly kind: 'stop' };

export interface PoolOptions<Progress, Result> {
  /** The module of the workers. It answers each job with messages of {@link FromWorker}. */
  readonly module: URL;
  readonly workers: number;
  readonly onProgress: (job: number, progress: Progress) => void;
  readonly onResult: (job: number, result: Result) => void;
  /** Asked before a job is sent to a worker. @returns null: its result is not known yet */
  readonly known?: (job: number) => Promise<Result | null>;
  /** Tells the workers to stop: what they have not finished has no result. */
  readonly stop: AbortSignal;
}

/** How long a worker may take to stop, milliseconds. */
const STOP_MS = 2000;

/** Of a worker, MiB. The daemon's is small, to leave memory to the guests; a worker makes a lot of garbage and ends soon. */
const YOUNG_GENERATION_MIB = 32;

/**
 * Works on jobs in threads. Our own few lines, because the libraries for this find their own worker by the place of their files, which a
 * bundle does not have.
 * @throws OperatorError for the first job that failed; the error of a worker that ended
 */
export async function inWorkers<Job, Progress, Result>(
  jobs: readonly Job[],
  { module, workers, onProgress, onResult, known, stop }: PoolOptions<Progress, Result>,
): Promise<void> {
  setFlagsFromString(`--max-semi-space-size=${YOUNG_GENERATION_MIB}`);
  const waiting = [...jobs.entries()];
  const work = async (): Promise<void> => {
    // Threads take half a second to start, and perhaps all is known.
    let worker: Worker | null = null;
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      worker?.postMessage({ kind: 'stop' } satisfies ToWorker<Job>);
      timer = setTimeout(() => void worker?.terminate(), STOP_MS);
    };
    stop.addEventListener('abort', end, { once: true });
    try {
      for (let next = waiting.shift(); next !== undefined && !stop.aborted; next = waiting.shift()) {
        const [at, job] = next;
        let result: Result | null = known === undefined ? null : await known(at);
        if (result === null && !stop.aborted) {
          worker ??= workerFor(module);
          result = await answer<Job, Progress, Result>(worker, job, (progress) => onProgress(at, progress));
        }
        if (result !== null && !stop.aborted) onResult(at, result);
      }
    } catch (error) {
      waiting.length = 0;
      throw error;
    } finally {
      stop.removeEventListener('abort', end);
      clearTimeout(timer);
      await worker?.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
}

/** @returns null when the worker was ended */
function answer<Job, Progress, Result>(
  worker: Worker,
  job: Job,
  onProgress: (progress: Progress) => void,
): Promise<Result | null> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromWorker<Progress, Result>): void => {
      if (message.kind === 'progress') return onProgress(message.progress);
      finish();
      if (message.kind === 'result') resolve(message.result);
      else reject(new OperatorError(message.message));
    };
    const onError = (error: Error): void => {
      finish();
      reject(error);
    };
    const onExit = (): void => {
      finish();
      resolve(null);
    };
    const finish = (): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage({ kind: 'job', job } satisfies ToWorker<Job>);
  });
}

/** In a checkout the module is TypeScript, for which a thread needs the loader that `bin/ballast` has for itself. */
function workerFor(module: URL): Worker {
  if (!module.pathname.endsWith('.ts')) return new Worker(module);
  const [from, to] = [JSON.stringify(import.meta.resolve('tsx/esm/api')), JSON.stringify(module.href)];
  return new Worker(
    `import(${from}).then(({ register }) => { register({ tsconfig: false }); return import(${to}); })`,
    { eval: true },
  );
}
