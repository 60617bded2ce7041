import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { layoutOf } from '../../model/field.ts';
import { EMPTY_MEMORY } from '../../model/memory.ts';
import type { PolicyInput } from '../../model/snapshot.ts';
import {
  evaluate,
  isIncomplete,
  loadPolicy,
  renderDiagnostics,
  type Diagnostic,
  valueText,
  type PolicySource,
} from '../../policy/index.ts';
import { runCase } from './eval-cases.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { readSource } from '../support/read-source.ts';

export interface EvalOptions {
  readonly expression?: string;
  readonly file?: string;
  /** A file of cases, `-` for standard input. */
  readonly cases?: string;
}

/** `ballast eval`: expressions of the policy language, over a host without statistics and without guests. */
export async function evalCommand(options: EvalOptions, io: Io): Promise<number> {
  const { expression, file, cases } = options;
  if ([expression, file, cases].filter((given) => given !== undefined).length > 1) {
    io.stderr.write('eval takes one of: a file, -e EXPRESSION, --cases FILE\n');
    return EXIT.usage;
  }
  if (cases !== undefined) return evalCases(cases, io);
  if (expression !== undefined) return evalSource({ file: 'expression', text: expression }, io);
  if (file === undefined) return prompt(io);
  const source = await readSource(io, file);
  if ('problem' in source) {
    io.stderr.write(`${source.problem}\n`);
    return EXIT.usage;
  }
  return evalSource(source, io);
}

function evalSource(source: PolicySource, io: Io): number {
  const { text, ok } = answer([source], 0, io);
  io.stdout.write(text);
  return ok ? EXIT.ok : EXIT.problems;
}

const NO_FIELDS = layoutOf([]);
const NOTHING: PolicyInput = {
  timeMs: 0,
  hostLayout: NO_FIELDS,
  guestLayout: NO_FIELDS,
  host: { props: {}, samples: [], times: [] },
  guests: [],
};

/** Evaluates sources as one program. The answer leaves out the first `skip` results; errors and `debug` go to standard error. */
function answer(
  sources: readonly PolicySource[],
  skip: number,
  io: Io,
): { readonly text: string; readonly ok: boolean; readonly results: number } {
  const newest = sources.at(-1)?.file;
  const color = io.stderr.isTTY === true;
  const { program, diagnostics } = loadPolicy(sources);
  if (!program) {
    io.stderr.write(renderDiagnostics(diagnostics, sources, { color }));
    return { text: '', ok: false, results: 0 };
  }
  const evaluation = evaluate(program, NOTHING, EMPTY_MEMORY, {
    collectResults: true,
    clock: () => performance.now(),
    debug: (text, { file }) => {
      if (file === newest) io.stderr.write(`${text}\n`);
    },
  });
  io.stderr.write(renderDiagnostics(evaluation.diagnostics.map(withoutFields), sources, { color }));
  return {
    text: evaluation.results
      .slice(skip)
      .map((value) => `${valueText(value)}\n`)
      .join(''),
    ok: evaluation.diagnostics.length === 0,
    results: evaluation.results.length,
  };
}

/** Here the host has no fields, and there are no guests. */
function withoutFields(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.code !== 'unknown-field') return diagnostic;
  return {
    ...diagnostic,
    hint: 'eval knows no host and no guests: ballast replay and ballast test give a policy figures',
  };
}

/**
 * Reads expressions until the input ends. An entry may take several lines: it ends when its brackets and texts do. Each
 * entry sees what the ones before it have defined; an entry with an error leaves nothing behind.
 */
async function prompt(io: Io): Promise<number> {
  const terminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  const lines = createInterface({ input: io.stdin, output: io.stdout, terminal, historySize: 1000 });
  const session = new Session(io);
  const ask = (): void => {
    if (!terminal) return;
    lines.setPrompt(session.pending ? '... ' : '> ');
    lines.prompt();
  };
  lines.on('SIGINT', () => {
    if (!session.pending) return lines.close();
    session.drop();
    io.stdout.write('\n');
    ask();
  });
  lines.on('line', (line) => {
    session.take(line);
    ask();
  });
  const closed = once(lines, 'close');
  ask();
  await closed;
  session.finish();
  if (terminal) io.stdout.write('\n');
  // At a terminal the user has seen the errors; a script has only the exit code.
  return terminal || session.ok ? EXIT.ok : EXIT.problems;
}

class Session {
  readonly #io: Io;
  readonly #entries: PolicySource[] = [];
  #results = 0;
  #text = '';
  #count = 0;
  ok = true;

  constructor(io: Io) {
    this.#io = io;
  }

  get pending(): boolean {
    return this.#text !== '';
  }

  take(line: string): void {
    this.#text += `${line}\n`;
    if (!isIncomplete(this.#text)) this.finish();
  }

  drop(): void {
    this.#text = '';
  }

  finish(): void {
    const text = this.#text;
    this.#text = '';
    if (text.trim() === '') return;
    this.#count += 1;
    const entry = { file: `entry ${this.#count}`, text };
    const { text: shown, ok, results } = answer([...this.#entries, entry], this.#results, this.#io);
    this.#io.stdout.write(shown);
    if (ok) {
      this.#entries.push(entry);
      this.#results = results;
    } else {
      this.ok = false;
    }
  }
}

/** One JSON line for each line of cases, in their order. */
async function evalCases(file: string, io: Io): Promise<number> {
  if (file === '-') {
    for await (const line of createInterface({ input: io.stdin, crlfDelay: Infinity })) await writeCase(line, io);
    return EXIT.ok;
  }
  const source = await readSource(io, file);
  if ('problem' in source) {
    io.stderr.write(`${source.problem}\n`);
    return EXIT.usage;
  }
  for (const line of source.text.split(/\r?\n/)) await writeCase(line, io);
  return EXIT.ok;
}

async function writeCase(line: string, io: Io): Promise<void> {
  if (line.trim() === '') return;
  if (!io.stdout.write(`${JSON.stringify(runCase(line))}\n`)) await once(io.stdout, 'drain');
}
