import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { PolicySource } from '../../policy/index.ts';
import { readPolicy } from '../../policy-files/read.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { readText } from '../support/read-text.ts';
import { evaluateSources } from './eval-sources.ts';
import { runCase } from './eval-cases.ts';
import { prompt } from './eval-prompt.ts';

/** At most one is set; if none is, an interactive prompt starts. */
export interface EvalOptions {
  readonly expression: string | null;
  readonly file: string | null;
  /** A file of cases, `-` for standard input. */
  readonly cases: string | null;
}

/**
 * `ballast eval`: evaluates expressions of the policy language, without host statistics and guests.
 * @throws OperatorError when more than one option is set, or the file cannot be read
 */
export async function evaluateExpressions({ expression, file, cases }: EvalOptions, io: Io): Promise<number> {
  if ([expression, file, cases].filter((given) => given !== null).length > 1)
    throw new OperatorError('eval accepts only one of: a file, -e EXPRESSION, --cases FILE');
  if (cases !== null) return evalCases(cases, io);
  if (expression !== null) return evalSource({ file: 'expression', text: expression }, io);
  return file === null ? prompt(io) : evalSource(await readPolicy(file, true), io);
}

function evalSource(source: PolicySource, io: Io): number {
  const { text, ok } = evaluateSources([source], 0, io);
  io.stdout.write(text);
  return ok ? EXIT.ok : EXIT.problems;
}

/** Prints one JSON line for each case, in order. */
async function evalCases(file: string, io: Io): Promise<number> {
  if (file === '-') {
    for await (const line of createInterface({ input: io.stdin, crlfDelay: Infinity })) await writeCase(line, io);
    return EXIT.ok;
  }
  for (const line of (await readText(io, file)).split(/\r?\n/)) await writeCase(line, io);
  return EXIT.ok;
}

async function writeCase(line: string, io: Io): Promise<void> {
  if (line.trim() === '') return;
  if (!io.stdout.write(`${JSON.stringify(runCase(line))}\n`)) await once(io.stdout, 'drain');
}
