import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { PolicySource } from '../../policy/index.ts';
import { PolicyFileError, readPolicy } from '../../policy-files/read.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { readText } from '../support/read-text.ts';
import { recordingFailure } from '../support/recording-failure.ts';
import { runCase } from './eval-cases.ts';
import { prompt } from './eval-prompt.ts';
import { recordedWorld, type RecordedChoice } from './eval-recorded.ts';
import { evaluateSources } from './eval-sources.ts';
import { EMPTY_WORLD, type World } from './eval-world.ts';

/** At most one of the first three is set; if none is, an interactive prompt starts. */
export interface EvalOptions {
  readonly expression: string | null;
  /** A policy file, or an expression in round brackets. */
  readonly file: string | null;
  /** A file of cases, `-` for standard input. */
  readonly cases: string | null;
  /** null: without host statistics and guests. */
  readonly recorded: RecordedChoice | null;
}

/**
 * `ballast eval`: evaluates expressions of the policy language, without host statistics and guests or with those of a recording.
 * @throws OperatorError when the options do not go together, or a file cannot be read
 */
export async function evaluateExpressions({ expression, file, cases, recorded }: EvalOptions, io: Io): Promise<number> {
  if ([expression, file, cases].filter((given) => given !== null).length > 1)
    throw new OperatorError('eval accepts only one of: a file, -e EXPRESSION, --cases FILE');
  if (cases !== null) {
    if (recorded !== null)
      throw new OperatorError('the cases of --cases have their own statistics: leave out --recording');
    return evalCases(cases, io);
  }
  try {
    const world = recorded === null ? EMPTY_WORLD : await recordedWorld(recorded, io);
    if (expression !== null) return await evalSource({ file: 'expression', text: expression }, world, io);
    if (file === null) return await prompt(world, io);
    return await evalSource(await sourceOf(file), world, io);
  } catch (error) {
    return recordingFailure(error, io);
  }
}

/** What looks like an expression that needs no brackets. */
const BARE = /^(?:Host|Guests|vm)\b|^[-+\d.]+$/;

/** @throws PolicyFileError */
async function sourceOf(file: string): Promise<PolicySource> {
  if (file.startsWith('(')) return { file: 'expression', text: file };
  try {
    return await readPolicy(file, true);
  } catch (error) {
    if (!(error instanceof PolicyFileError) || !BARE.test(file)) throw error;
    throw new OperatorError(`${error.message}; an expression without brackets needs -e: ballast eval -e ${file}`);
  }
}

async function evalSource(source: PolicySource, world: World, io: Io): Promise<number> {
  const { text, ok } = await evaluateSources([source], 0, world, io);
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
