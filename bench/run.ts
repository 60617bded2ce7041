import { cpus } from 'node:os';
import { benchCheck } from './check.ts';
import { benchColdStart } from './cold-start.ts';
import { benchControl } from './control.ts';
import { benchDaemon } from './daemon.ts';
import { benchMetrics } from './metrics.ts';
import { benchBalanced, benchPolicy } from './policy.ts';
import { benchReplay } from './replay.ts';
import { benchSimulation } from './simulation.ts';
import { benchTrace } from './trace.ts';

const BENCHES = {
  policy: {
    title: 'Evaluating mom-balloon.policy and mom-ksm.policy, per guest; target: at most 3 times the function',
    columns: ['case', 'Ballast', 'TypeScript function', 'ratio (median of pairs)'],
    run: benchPolicy,
  },
  balanced: {
    title: 'Evaluating balanced.policy, per guest; target: less than 5 µs',
    columns: ['case', 'balanced.policy', 'mom-balloon.policy', 'ratio (median of pairs)'],
    run: benchBalanced,
  },
  trace: {
    title:
      'Evaluating mom-balloon.policy and mom-ksm.policy with a tracer, per guest; target: at most 2 times the untraced time',
    columns: ['case', 'traced', 'untraced', 'ratio (median of pairs)'],
    run: benchTrace,
  },
  check: {
    title: 'Reading and checking a program with its types, all files together; target: 10,000 lines in less than 1 s',
    columns: ['lines', 'ballast check, the whole process (median)', 'again in the same process (median)'],
    run: benchCheck,
  },
  replay: {
    title: 'Replay from plain JSONL, guest-intervals per second; target: at least 200,000',
    columns: ['recording', 'guest-intervals/s (median)'],
    run: benchReplay,
  },
  simulation: {
    title:
      'Simulating a host that was promised out by half, all guards on, CPU time; target: a day of 100 guests in less than 10 s',
    columns: ['simulated', 'all (median)', 'the host and its guests alone (median)'],
    run: benchSimulation,
  },
  daemon: {
    title: 'One daemon interval with a fake libvirtd in a separate process, host short of memory',
    columns: [
      'guests',
      'CPU time',
      'MOM',
      'event loop delay: median / 99 % / maximum',
      'RSS after 100 intervals',
      'RSS at the end',
      'intervals',
    ],
    run: benchDaemon,
  },
  metrics: {
    title: 'Metrics: the cost for one interval, and of one scrape over a unix socket, client included',
    columns: [
      'guests',
      'counting in the interval',
      'scrape',
      'another scrape in the same interval',
      'event loop delay during a scrape: median / 99 %',
      'page',
    ],
    run: benchMetrics,
  },
  control: {
    title: 'What the sockets cost: noting an interval, and each answer, which is made at most once an interval',
    columns: ['guests', 'noting an interval (median)', 'list of guests', 'decisions and holds', 'why, with a trace'],
    run: benchControl,
  },
  'cold-start': {
    title: 'Whole process, built package; target: median below 250 ms',
    columns: ['command', 'wall time (median)', 'an empty Node process'],
    run: benchColdStart,
  },
} as const;

/** `npm run bench` runs all benchmarks, `npm run bench -- policy replay` only these. Prints Markdown tables for the documentation. */
const wanted = process.argv.slice(2);
const names = Object.keys(BENCHES) as (keyof typeof BENCHES)[];
const unknown = wanted.filter((name) => !(names as string[]).includes(name));
if (unknown.length > 0) {
  process.stderr.write(`unknown benchmark ${unknown.join(', ')}; available: ${names.join(', ')}\n`);
  process.exit(2);
}
process.stdout.write(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'})\n`);
for (const name of names) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { title, columns, run } = BENCHES[name];
  const rows = await run();
  const lines = [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  process.stdout.write(`\n**${title}**\n\n${lines.join('\n')}\n`);
}
