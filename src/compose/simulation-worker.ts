import { parentPort } from 'node:worker_threads';
import { OperatorError } from '../support/operator-error.ts';
import type { FromWorker, ToWorker } from '../support/worker-pool.ts';
import { runJob, type SimulationJob } from './simulation-job.ts';
import type { SimulationResult } from './simulation.ts';

/** How often a thread says how far it is, simulated seconds. */
const PROGRESS_S = 600;

// The module of a thread that simulates: it answers each job with its progress and its result.

const stop = new AbortController();

function send(message: FromWorker<number, SimulationResult>): void {
  parentPort?.postMessage(message);
}

async function work(job: SimulationJob): Promise<void> {
  let toldS = 0;
  try {
    const result = await runJob(job, stop.signal, (simulatedS) => {
      if (simulatedS - toldS < PROGRESS_S) return;
      toldS = simulatedS;
      send({ kind: 'progress', progress: simulatedS });
    });
    send({ kind: 'result', result });
  } catch (error) {
    // Classes do not survive the way between threads.
    if (!(error instanceof OperatorError)) throw error;
    send({ kind: 'failed', message: error.message });
  }
}

parentPort?.on('message', (message: ToWorker<SimulationJob>) => {
  if (message.kind === 'stop') stop.abort();
  else void work(message.job);
});
