// Fuzzes the policy language, and what reads text that others write: npm run fuzz [-- --cases N] [--seed S] [--target NAME] [--path P].
// Exit code: 0 if all properties held, 1 on a failure, 2 for an invalid command line.
import { inspect, parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { soundness, TARGETS as LANGUAGE_TARGETS } from '../test/support/fuzzing.ts';
import { FOREIGN_TARGETS } from '../test/support/fuzzing-foreign.ts';
import { GUARD_TARGETS } from '../test/support/fuzzing-guards.ts';

const TARGETS = { ...LANGUAGE_TARGETS, ...FOREIGN_TARGETS, ...GUARD_TARGETS };

/** Cases between two progress lines. */
const BATCH = 1_000;
/** Maximum time of one case, milliseconds; a case that takes longer is reported as hanging. */
const TIMEOUT_MS = 60_000;
/** Maximum UTF-8 bytes of the current text that are kept, to print it if the case hangs. */
const KEPT_BYTES = 1 << 20;

const OPTIONS: readonly string[] = ['cases', 'seed', 'target', 'path'];

type TargetName = keyof typeof TARGETS;

interface Job {
  readonly target: TargetName;
  readonly seed: number;
  readonly cases: number;
  readonly path: string | null;
}

/** The result of a batch, sent by the worker. `failure` is fast-check's report. */
interface Outcome {
  readonly failure: string | null;
  readonly clean: number;
  readonly tried: number;
}

/** Memory shared by both threads: the number of texts started, the length of the last one, and its bytes. */
interface Shared {
  readonly counters: Int32Array;
  readonly bytes: Uint8Array;
}

const shared = (buffer: SharedArrayBuffer): Shared => ({
  counters: new Int32Array(buffer, 0, 2),
  bytes: new Uint8Array(buffer, 8),
});

if (isMainThread) await main();
else work(shared(workerData as SharedArrayBuffer));

function work({ counters, bytes }: Shared): void {
  const encoder = new TextEncoder();
  const watch = (text: string): void => {
    const { written } = encoder.encodeInto(text, bytes);
    Atomics.store(counters, 1, written);
    Atomics.add(counters, 0, 1);
  };
  parentPort?.on('message', ({ target, seed, cases, path }: Job) => {
    const before = { ...soundness };
    const result = fc.check(TARGETS[target].property(watch, true) as fc.IProperty<unknown>, {
      seed,
      numRuns: cases,
      ...(path !== null && { path }),
    });
    const failure = result.failed ? `${fc.defaultReportMessage(result)}\n\n${inspect(result.errorInstance)}` : null;
    parentPort?.postMessage({
      failure,
      clean: soundness.clean - before.clean,
      tried: soundness.all - before.all,
    } satisfies Outcome);
  });
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === null) return;
  const { jobs, cases, seed } = options;
  const buffer = new SharedArrayBuffer(8 + KEPT_BYTES);
  // Worker threads need the TypeScript loader registered explicitly.
  const bootstrap = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(import.meta.url)}); })`;
  const worker = new Worker(bootstrap, { eval: true, workerData: buffer });
  const start = performance.now();
  let [done, clean, tried] = [0, 0, 0];
  console.log(`${cases} cases, seed ${seed}`);
  for (const job of jobs) {
    const outcome = await run(worker, job, shared(buffer));
    done += job.cases;
    if (typeof outcome === 'string' || outcome.failure !== null) {
      const { target, seed: jobSeed, cases: count } = job;
      console.error(
        `\n${target}: ${TARGETS[target].about}\n${typeof outcome === 'string' ? outcome : outcome.failure}`,
      );
      const path = typeof outcome === 'string' ? null : /path: "([^"]*)"/.exec(outcome.failure ?? '')?.[1];
      console.error(
        `\nAgain: npm run fuzz -- --target ${target} --seed ${jobSeed} --cases ${count}${path ? ` --path ${path}` : ''}`,
      );
      process.exitCode = 1;
      break;
    }
    clean += outcome.clean;
    tried += outcome.tried;
    const seconds = (performance.now() - start) / 1000;
    console.log(`${String(done).padStart(String(cases).length)} of ${cases}  ${seconds.toFixed(0)} s  ${job.target}`);
  }
  if (tried > 0)
    console.log(`the checker had nothing against ${clean} of the ${tried} programs that were tried for soundness`);
  await worker.terminate();
}

/** Resolves to an error message if a case hangs. */
function run(worker: Worker, job: Job, { counters, bytes }: Shared): Promise<Outcome | string> {
  return new Promise((resolve, reject) => {
    let lastCount = Atomics.load(counters, 0);
    const timer = setInterval(() => {
      const count = Atomics.load(counters, 0);
      if (count !== lastCount) {
        lastCount = count;
        return;
      }
      finish();
      const text = new TextDecoder().decode(bytes.slice(0, Atomics.load(counters, 1)));
      resolve(`no end after ${TIMEOUT_MS / 1000} s with this text:\n${JSON.stringify(text)}`);
    }, TIMEOUT_MS);
    const finish = (): void => {
      clearInterval(timer);
      worker.off('message', onMessage);
      worker.off('error', onError);
    };
    const onMessage = (outcome: Outcome): void => {
      finish();
      resolve(outcome);
    };
    const onError = (error: Error): void => {
      finish();
      reject(error);
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(job);
  });
}

function readOptions(): { readonly jobs: readonly Job[]; readonly cases: number; readonly seed: number } | null {
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- the option names are not literal types, so the values are untyped
  const { values, positionals } = parseArgs({
    options: Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' as const }])),
    strict: false,
    allowPositionals: true,
  }) as { values: Partial<Record<string, string | boolean>>; positionals: string[] };
  const cases = Number(values['cases'] ?? 100_000);
  const seed = Number(values['seed'] ?? Date.now() % 1_000_000_007);
  const target = values['target'] as string | undefined;
  const path = (values['path'] ?? null) as string | null;
  const unknown =
    positionals.length > 0 ||
    Object.entries(values).some(([name, value]) => !OPTIONS.includes(name) || typeof value !== 'string');
  if (
    unknown ||
    !Number.isInteger(cases) ||
    cases < 1 ||
    !Number.isInteger(seed) ||
    (target !== undefined && !(target in TARGETS)) ||
    (path !== null && target === undefined)
  ) {
    console.error(
      `npm run fuzz [-- --cases N] [--seed S] [--target ${Object.keys(TARGETS).join('|')} [--path P]]; N and S are whole numbers`,
    );
    process.exitCode = 2;
    return null;
  }
  const names = target === undefined ? (Object.keys(TARGETS) as TargetName[]) : [target as TargetName];
  const jobs = names.flatMap((name) => {
    const share = target === undefined ? Math.ceil((cases * TARGETS[name].share) / 100) : cases;
    const batches = path === null ? Math.ceil(share / BATCH) : 1;
    return Array.from({ length: batches }, (_, at): Job => ({
      target: name,
      seed: seed + at,
      cases: path === null ? Math.min(BATCH, share - at * BATCH) : share,
      path,
    }));
  });
  return { jobs, cases: jobs.reduce((sum, job) => sum + job.cases, 0), seed };
}
